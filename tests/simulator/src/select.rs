//! Applies a query: selects records of a collection, orders them, and selects their members.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use crate::glob;
use crate::http::Response;
use crate::query::Query;
use crate::stamp;

const RESERVED: [&str; 3] = ["fields", "order_by", "max_records"];

/// The description of one kind of object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// `a host`, for error messages.
    pub(crate) what: &'static str,
    /// Every member that a record can have.
    pub(crate) members: &'static [&'static str],
    /// Members of nested objects, by the nested object's name.
    pub(crate) inside: &'static [(&'static str, &'static [&'static str])],
    /// Members that are always sent.
    pub(crate) keys: &'static [&'static str],
    /// Members that are sent with the keys if there is no `fields`.
    pub(crate) brief: &'static [&'static str],
    /// Members that `fields=*` omits and `fields=**` includes.
    pub(crate) expensive: &'static [&'static str],
    /// Boolean query parameters that are not filters.
    pub(crate) options: &'static [&'static str],
    /// Ignores unknown names in `fields` and filters.
    pub(crate) lenient: bool,
}

/// Responds with `{"num_records": N, "records": […]}`.
pub(crate) fn collection(
    records: impl IntoIterator<Item = Value>,
    kind: Kind,
    query: &Query,
) -> Response {
    chosen(records.into_iter().collect(), kind, query).map_or_else(
        |message| Response::error(400, &message),
        |records| {
            Response::json(
                200,
                &json!({"num_records": records.len(), "records": records}),
            )
        },
    )
}

/// Responds with `{"record": {…}}`. Rejects every parameter except `fields` and the kind's options.
pub(crate) fn single(record: &Value, kind: Kind, query: &Query) -> Response {
    let known = |name: &str| name == "fields" || kind.options.contains(&name);
    if let Some((name, _)) = query.pairs.iter().find(|(name, _)| !known(name)) {
        return Response::error(400, &format!("unknown query parameter \"{name}\""));
    }
    let projected = check_options(kind, query).and_then(|()| {
        check_fields(kind, query.get("fields"))?;
        Ok(project(record, kind, query.get("fields")))
    });
    projected.map_or_else(
        |message| Response::error(400, &message),
        |record| Response::json(200, &json!({"record": record})),
    )
}

/// The error of `fields`, if it has an unknown name.
pub(crate) fn check_fields(kind: Kind, fields: Option<&str>) -> Result<(), String> {
    let names = fields.into_iter().flat_map(|fields| fields.split(','));
    let known = |name: &str| matches!(name, "*" | "**") || is_member(kind, name);
    match names.map(str::trim).find(|name| !known(name)) {
        Some(name) if !kind.lenient => Err(format!("fields: {} has no \"{name}\"", kind.what)),
        _ => Ok(()),
    }
}

/// The keys and the members that `fields` names; without `fields`, the default members. Dotted names select nested members.
pub(crate) fn project(record: &Value, kind: Kind, fields: Option<&str>) -> Value {
    let named = |name: &str| {
        fields
            .into_iter()
            .flat_map(|fields| fields.split(','))
            .any(|field| field.trim() == name)
    };
    if named("**") {
        return record.clone();
    }
    let mut paths: Vec<Vec<&str>> = kind.keys.iter().map(|name| vec![*name]).collect();
    match fields {
        None => paths.extend(kind.brief.iter().map(|name| vec![*name])),
        Some(fields) => paths.extend(
            fields
                .split(',')
                .map(|name| name.trim().split('.').collect()),
        ),
    }
    if named("*") {
        let cheap = kind
            .members
            .iter()
            .filter(|name| !kind.expensive.contains(name));
        paths.extend(cheap.map(|name| vec![*name]));
    }
    let paths: Vec<&[&str]> = paths.iter().map(Vec::as_slice).collect();
    pick(record, &paths).unwrap_or(Value::Null)
}

/// The parts of a value at these paths; for an array, of each element. None if a path continues below a string or a number.
fn pick(value: &Value, paths: &[&[&str]]) -> Option<Value> {
    if paths.iter().any(|path| path.is_empty()) {
        return Some(value.clone());
    }
    match value {
        Value::Array(elements) => Some(
            elements
                .iter()
                .filter_map(|element| pick(element, paths))
                .collect(),
        ),
        Value::Object(members) => {
            let mut picked = Map::new();
            for (name, member) in members {
                let below: Vec<&[&str]> = paths
                    .iter()
                    .filter_map(|path| path.split_first())
                    .filter(|(head, _)| *head == name)
                    .map(|(_, rest)| rest)
                    .collect();
                if below.is_empty() {
                    continue;
                }
                if let Some(member) = pick(member, &below) {
                    picked.insert(name.clone(), member);
                }
            }
            Some(Value::Object(picked))
        }
        Value::Null => Some(Value::Null),
        _ => None,
    }
}

fn chosen(records: Vec<Value>, kind: Kind, query: &Query) -> Result<Vec<Value>, String> {
    check_options(kind, query)?;
    check_fields(kind, query.get("fields"))?;
    let filters: Vec<&(String, String)> = query
        .pairs
        .iter()
        .filter(|(name, _)| {
            !RESERVED.contains(&name.as_str()) && !kind.options.contains(&name.as_str())
        })
        .filter(|(name, _)| !kind.lenient || is_member(kind, name))
        .collect();
    if let Some((name, _)) = filters.iter().find(|(name, _)| !is_member(kind, name)) {
        return Err(format!("{} has no \"{name}\" to filter by", kind.what));
    }
    let mut chosen: Vec<&Value> = records
        .iter()
        .filter(|record| {
            filters
                .iter()
                .all(|(name, wanted)| fits_any(record, name, wanted))
        })
        .collect();
    if let Some(order) = query.get("order_by") {
        sort(&mut chosen, order, kind)?;
    }
    if let Some(most) = query.get("max_records") {
        let most = most
            .parse::<usize>()
            .map_err(|_| format!("max_records must be an integer, not \"{most}\""))?;
        chosen.truncate(most);
    }
    Ok(chosen
        .into_iter()
        .map(|record| project(record, kind, query.get("fields")))
        .collect())
}

/// Whether an object of this kind has a member of this name; a dotted name selects a nested member.
fn is_member(kind: Kind, name: &str) -> bool {
    let mut members = kind.members;
    name.split('.').all(|part| {
        let known = members.contains(&part);
        let inside = kind.inside.iter().find(|(object, _)| *object == part);
        members = inside.map_or(&[][..], |(_, members)| members);
        known
    })
}

fn check_options(kind: Kind, query: &Query) -> Result<(), String> {
    kind.options
        .iter()
        .try_for_each(|name| query.flag(name).map(|_| ()))
}

fn fits_any(record: &Value, name: &str, wanted: &str) -> bool {
    let mut values = Vec::new();
    let parts: Vec<&str> = name.split('.').collect();
    reach(record, &parts, &mut values);
    wanted.split('|').any(|wanted| fits(&values, wanted))
}

/// Whether one of the values matches.
fn fits(values: &[&Value], wanted: &str) -> bool {
    if let Some(unwanted) = wanted.strip_prefix('!') {
        return !fits(values, unwanted);
    }
    if wanted == "null" {
        return values.is_empty();
    }
    for (operator, accepted) in [
        (">=", &[Ordering::Greater, Ordering::Equal][..]),
        ("<=", &[Ordering::Less, Ordering::Equal][..]),
        (">", &[Ordering::Greater][..]),
        ("<", &[Ordering::Less][..]),
    ] {
        if let Some(bound) = wanted.strip_prefix(operator) {
            // NetApp's example has a space after the operator.
            let bound = bound.trim_start();
            return values
                .iter()
                .any(|value| accepted.contains(&compare(&text_of(value), bound)));
        }
    }
    values
        .iter()
        .any(|value| glob::matches(wanted, &text_of(value)))
}

/// Compares as numbers, else as times, else as strings.
fn compare(left: &str, right: &str) -> Ordering {
    if let (Ok(left), Ok(right)) = (left.parse::<f64>(), right.parse::<f64>()) {
        return left.total_cmp(&right);
    }
    if let (Some(left), Some(right)) = (stamp::read(left), stamp::read(right)) {
        return left.cmp(&right);
    }
    left.cmp(right)
}

fn sort(records: &mut [&Value], order: &str, kind: Kind) -> Result<(), String> {
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
        if !kind.lenient && !is_member(kind, name) {
            return Err(format!("order_by: {} has no \"{name}\"", kind.what));
        }
        keys.push((name.split('.').collect::<Vec<&str>>(), direction == "desc"));
    }
    records.sort_by(|left, right| {
        let by_key = keys.iter().map(|(name, descending)| {
            let text = |record: &Value| {
                let mut values = Vec::new();
                reach(record, name, &mut values);
                values
                    .first()
                    .map(|value| text_of(value))
                    .unwrap_or_default()
            };
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

/// The values at a path, without nulls; several if it passes through an array.
fn reach<'a>(value: &'a Value, path: &[&str], found: &mut Vec<&'a Value>) {
    match (value, path.split_first()) {
        (Value::Null, _) => {}
        (Value::Array(elements), _) => {
            for element in elements {
                reach(element, path, found);
            }
        }
        (value, None) => found.push(value),
        (value, Some((head, rest))) => {
            if let Some(member) = value.get(head) {
                reach(member, rest, found);
            }
        }
    }
}

fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
