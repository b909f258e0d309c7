//! What a query selects: which records of a collection, in which order, and which of their members.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use crate::glob;
use crate::http::Response;
use crate::query::Query;
use crate::stamp;

const RESERVED: [&str; 3] = ["fields", "order_by", "max_records"];

/// `{"num_records": N, "records": […]}` of what the query selects.
pub(crate) fn collection<'a>(records: impl Iterator<Item = &'a Value>, query: &Query) -> Response {
    let mut chosen: Vec<&Value> = records.filter(|record| fits_all(record, query)).collect();
    if let Some(order) = query.get("order_by")
        && let Err(message) = sort(&mut chosen, order)
    {
        return Response::error(400, &message);
    }
    if let Some(most) = query.get("max_records") {
        let Ok(most) = most.parse::<usize>() else {
            return Response::error(
                400,
                &format!("max_records must be a whole number, not \"{most}\""),
            );
        };
        chosen.truncate(most);
    }
    let records: Vec<Value> = chosen
        .into_iter()
        .map(|record| project(record, query.get("fields")))
        .collect();
    Response::json(
        200,
        &json!({"num_records": records.len(), "records": records}),
    )
}

/// `{"record": {…}}`. The path alone selects it: any parameter but `fields` is refused.
pub(crate) fn single(record: &Value, query: &Query) -> Response {
    match query.pairs.iter().find(|(name, _)| name != "fields") {
        Some((name, _)) => Response::error(400, &format!("unknown query parameter \"{name}\"")),
        None => Response::json(
            200,
            &json!({"record": project(record, query.get("fields"))}),
        ),
    }
}

/// The members that `fields` names, and `id`. Dotted names reach into objects.
pub(crate) fn project(record: &Value, fields: Option<&str>) -> Value {
    let Some(fields) = fields.filter(|fields| !wants_all(fields)) else {
        return record.clone();
    };
    let mut chosen = Map::new();
    for name in std::iter::once("id").chain(fields.split(',').map(str::trim)) {
        if let Some(value) = reach(record, name) {
            plant(&mut chosen, name, value);
        }
    }
    Value::Object(chosen)
}

pub(crate) fn wants_all(fields: &str) -> bool {
    fields
        .split(',')
        .any(|name| matches!(name.trim(), "*" | "**"))
}

fn fits_all(record: &Value, query: &Query) -> bool {
    let filters = query
        .pairs
        .iter()
        .filter(|(name, _)| !RESERVED.contains(&name.as_str()));
    filters.into_iter().all(|(name, wanted)| {
        let value = reach(record, name).filter(|value| !value.is_null());
        wanted.split('|').any(|wanted| fits(value, wanted))
    })
}

fn fits(value: Option<&Value>, wanted: &str) -> bool {
    if let Some(unwanted) = wanted.strip_prefix('!') {
        return !fits(value, unwanted);
    }
    let Some(value) = value else {
        return wanted == "null";
    };
    let text = text_of(value);
    for (operator, accepted) in [
        (">=", &[Ordering::Greater, Ordering::Equal][..]),
        ("<=", &[Ordering::Less, Ordering::Equal][..]),
        (">", &[Ordering::Greater][..]),
        ("<", &[Ordering::Less][..]),
    ] {
        if let Some(bound) = wanted.strip_prefix(operator) {
            return accepted.contains(&compare(&text, bound));
        }
    }
    glob::matches(wanted, &text)
}

/// By number, else by time, else by text.
fn compare(left: &str, right: &str) -> Ordering {
    if let (Ok(left), Ok(right)) = (left.parse::<f64>(), right.parse::<f64>()) {
        return left.total_cmp(&right);
    }
    if let (Some(left), Some(right)) = (stamp::read(left), stamp::read(right)) {
        return left.cmp(&right);
    }
    left.cmp(right)
}

fn sort(records: &mut [&Value], order: &str) -> Result<(), String> {
    let mut keys = Vec::new();
    for part in order.split(',') {
        let mut words = part.split_whitespace();
        let (name, direction) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or("asc"),
        );
        if name.is_empty() || !matches!(direction, "asc" | "desc") || words.next().is_some() {
            return Err(format!(
                "order_by must be a name and asc or desc, not \"{part}\""
            ));
        }
        keys.push((name, direction == "desc"));
    }
    records.sort_by(|left, right| {
        let by_key = keys.iter().map(|(name, descending)| {
            let text = |record: &Value| reach(record, name).map(text_of).unwrap_or_default();
            let order = compare(&text(left), &text(right));
            if *descending { order.reverse() } else { order }
        });
        by_key
            .into_iter()
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    Ok(())
}

fn reach<'a>(record: &'a Value, name: &str) -> Option<&'a Value> {
    name.split('.')
        .try_fold(record, |value, part| value.get(part))
}

fn plant(target: &mut Map<String, Value>, name: &str, value: &Value) {
    match name.split_once('.') {
        None => {
            target.insert(name.to_owned(), value.clone());
        }
        Some((head, rest)) => {
            if let Value::Object(inner) = target.entry(head).or_insert_with(|| json!({})) {
                plant(inner, rest, value);
            }
        }
    }
}

fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
