//! A JSON body, read strictly: each refusal is a 400 that names the member.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Map, Value};

use super::Call;
use crate::http::Response;

/// An object of the body, and where it stands.
#[derive(Debug)]
pub(crate) struct Members<'a> {
    /// `hosts[0].`, or empty for the body itself.
    prefix: String,
    members: &'a Map<String, Value>,
    /// A member that nothing knows is refused.
    strict: bool,
}

impl<'a> Members<'a> {
    /// The body, which must be a JSON object.
    pub(crate) fn of(call: &'a Call, strict: bool) -> Result<Self, Response> {
        let members = call.object()?;
        Ok(Self {
            prefix: String::new(),
            members,
            strict,
        })
    }

    /// Refuses a member that is none of these, if the configuration wants that.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Response> {
        let unknown = |name: &&String| !known.contains(&name.as_str());
        match self.members.keys().find(unknown) {
            Some(name) if self.strict => Err(self.refuse(name, "is not known here")),
            _ => Ok(()),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// A text; null and an empty one count as absent.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Response> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.refuse(name, "must be a text")),
        }
    }

    pub(crate) fn needed_text(&self, name: &str) -> Result<String, Response> {
        self.text(name)?
            .ok_or_else(|| self.refuse(name, "is needed, as a text that is not empty"))
    }

    /// A whole number, also as a text, since Ansible's templates make texts of numbers, and also with a point, as Python and
    /// PowerShell write what they computed.
    pub(crate) fn whole(&self, name: &str) -> Result<Option<u64>, Response> {
        let number = match self.value(name) {
            None => return Ok(None),
            Some(Value::String(text)) if text.is_empty() => return Ok(None),
            Some(Value::String(text)) => text.parse().ok(),
            Some(value) => value
                .as_u64()
                .or_else(|| value.as_f64().and_then(whole_number)),
        };
        number
            .map(Some)
            .ok_or_else(|| self.refuse(name, "must be a whole number, 0 or more"))
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Response> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.refuse(name, "must be true or false")),
        }
    }

    /// One of a few words, in this very spelling.
    pub(crate) fn word(
        &self,
        name: &str,
        words: &[&'static str],
    ) -> Result<Option<&'static str>, Response> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let found = words
            .iter()
            .find(|word| value.as_str() == Some(**word))
            .copied();
        found.map(Some).ok_or_else(|| {
            self.refuse(
                name,
                &format!("must be one of {}, not {value}", words.join(", ")),
            )
        })
    }

    pub(crate) fn needed_word(
        &self,
        name: &str,
        words: &[&'static str],
    ) -> Result<&'static str, Response> {
        self.word(name, words)?
            .ok_or_else(|| self.refuse(name, &format!("is needed: one of {}", words.join(", "))))
    }

    pub(crate) fn address(&self, name: &str) -> Result<Option<String>, Response> {
        let address = self.text(name)?;
        match address {
            Some(address) if address.parse::<IpAddr>().is_err() => {
                Err(self.refuse(name, &format!("must be an IP address, not \"{address}\"")))
            }
            address => Ok(address),
        }
    }

    /// An IPv4 mask such as `255.255.255.0`.
    pub(crate) fn netmask(&self, name: &str) -> Result<Option<String>, Response> {
        let is_mask = |mask: &str| {
            mask.parse::<Ipv4Addr>().is_ok_and(|mask| {
                let bits = u32::from(mask);
                bits.leading_ones().saturating_add(bits.trailing_zeros()) >= u32::BITS
            })
        };
        match self.text(name)? {
            Some(mask) if !is_mask(&mask) => Err(self.refuse(
                name,
                &format!("must be a mask such as 255.255.255.0, not \"{mask}\""),
            )),
            mask => Ok(mask),
        }
    }

    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Response> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let texts = value.as_array().and_then(|elements| {
            elements
                .iter()
                .map(|element| element.as_str().map(str::to_owned))
                .collect()
        });
        texts
            .map(Some)
            .ok_or_else(|| self.refuse(name, "must be an array of texts"))
    }

    pub(crate) fn addresses(&self, name: &str) -> Result<Option<Vec<String>>, Response> {
        let addresses = self.texts(name)?;
        let mut listed = addresses.iter().flatten();
        match listed.find(|address| address.parse::<IpAddr>().is_err()) {
            Some(other) => {
                let problem = format!("must be an array of IP addresses, and \"{other}\" is none");
                Err(self.refuse(name, &problem))
            }
            None => Ok(addresses),
        }
    }

    pub(crate) fn object(&self, name: &str) -> Result<Option<Members<'a>>, Response> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(self.inner(&format!("{name}."), members))),
            Some(_) => Err(self.refuse(name, "must be an object")),
        }
    }

    pub(crate) fn needed_object(&self, name: &str) -> Result<Members<'a>, Response> {
        self.object(name)?
            .ok_or_else(|| self.refuse(name, "is needed, as an object"))
    }

    /// An array of objects that is not empty.
    pub(crate) fn needed_objects(&self, name: &str) -> Result<Vec<Members<'a>>, Response> {
        let elements = match self.value(name) {
            Some(Value::Array(elements)) if !elements.is_empty() => elements,
            _ => {
                return Err(
                    self.refuse(name, "is needed, as an array of objects that is not empty")
                );
            }
        };
        let mut objects = Vec::new();
        for (index, element) in elements.iter().enumerate() {
            match element {
                Value::Object(members) => {
                    objects.push(self.inner(&format!("{name}[{index}]."), members));
                }
                _ => return Err(self.refuse(&format!("{name}[{index}]"), "must be an object")),
            }
        }
        Ok(objects)
    }

    /// 400, by the member's name.
    pub(crate) fn refuse(&self, name: &str, problem: &str) -> Response {
        Response::error(400, &format!("\"{}{name}\" {problem}.", self.prefix))
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn inner(&self, below: &str, members: &'a Map<String, Value>) -> Self {
        Self {
            prefix: format!("{}{below}", self.prefix),
            members,
            strict: self.strict,
        }
    }
}

/// A number without a fraction, as far as JSON's numbers are exact.
fn whole_number(number: f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    ((0.0..=EXACT).contains(&number) && number.fract() == 0.0).then_some(number as u64)
}
