//! This tab's part in sharing one poller with the others of its origin, for as long as somebody waits.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::driver::Driver;
use super::host::Joined;
use crate::core::Event;

/// Leaves when dropped.
pub(super) struct Tabs {
    joined: Joined,
    _heard: Closure<dyn FnMut(String)>,
    _leads: Closure<dyn FnMut()>,
}

impl Tabs {
    pub(super) fn join(driver: &Rc<Driver>, name: &str) -> Self {
        let hearing = Rc::downgrade(driver);
        let heard = Closure::<dyn FnMut(String)>::new(move |text| {
            if let Some(driver) = hearing.upgrade() {
                driver.handle(Event::Heard { text });
            }
        });
        let leading = Rc::downgrade(driver);
        let leads = Closure::<dyn FnMut()>::new(move || {
            if let Some(driver) = leading.upgrade() {
                driver.handle(Event::Lead { leads: true });
            }
        });
        Self {
            joined: driver.host.join(name, &heard, &leads),
            _heard: heard,
            _leads: leads,
        }
    }

    pub(super) fn post(&self, message: &str) {
        self.joined.post(message);
    }
}

impl Drop for Tabs {
    fn drop(&mut self) {
        self.joined.leave();
    }
}
