//! Reads a JSON body strictly: an invalid member gets a 400 that names it.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Map, Value};

use super::Call;
use crate::http::Response;

/// An object of the body, with its position.
#[derive(Debug)]
pub(crate) struct Members<'a> {
    /// `hosts[0].`, or empty for the body itself.
    prefix: String,
    members: &'a Map<String, Value>,
    /// Rejects unknown members.
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

    /// Rejects any other member if the configuration is strict.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Response> {
        let unknown = |name: &&String| !known.contains(&name.as_str());
        match self.members.keys().find(unknown) {
            Some(name) if self.strict => Err(self.refuse(name, "is unknown")),
            _ => Ok(()),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// A string; null and the empty string count as missing.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Response> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.refuse(name, "must be a string")),
        }
    }

    pub(crate) fn needed_text(&self, name: &str) -> Result<String, Response> {
        self.text(name)?
            .ok_or_else(|| self.refuse(name, "must be a non-empty string"))
    }

    /// An integer. It may be a string, because Ansible's templates turn numbers into strings, and may have a decimal point,
    /// because Python and PowerShell write computed numbers that way.
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
            .ok_or_else(|| self.refuse(name, "must be an integer, 0 or more"))
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Response> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.refuse(name, "must be true or false")),
        }
    }

    /// One of these words, case-sensitive.
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
            .ok_or_else(|| self.refuse(name, &format!("must be one of {}", words.join(", "))))
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
            .ok_or_else(|| self.refuse(name, "must be an array of strings"))
    }

    pub(crate) fn addresses(&self, name: &str) -> Result<Option<Vec<String>>, Response> {
        let addresses = self.texts(name)?;
        let mut listed = addresses.iter().flatten();
        match listed.find(|address| address.parse::<IpAddr>().is_err()) {
            Some(other) => {
                let problem = format!("must be an array of IP addresses; \"{other}\" is not one");
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
            .ok_or_else(|| self.refuse(name, "must be an object"))
    }

    /// A non-empty array of objects.
    pub(crate) fn needed_objects(&self, name: &str) -> Result<Vec<Members<'a>>, Response> {
        let elements = match self.value(name) {
            Some(Value::Array(elements)) if !elements.is_empty() => elements,
            _ => {
                return Err(self.refuse(name, "must be a non-empty array of objects"));
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

    /// A 400 that names the member.
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

/// A number without a fraction, within the exact range of JSON numbers.
fn whole_number(number: f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    ((0.0..=EXACT).contains(&number) && number.fract() == 0.0).then_some(number as u64)
}
