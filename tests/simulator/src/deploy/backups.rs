//! `/backups`: a job creates a backup, and the client downloads it as a file.

use serde_json::{Value, json};

use super::store::{Backup, Effect, Status};
use super::{Call, Deploy, Handled, Outcome, conflict, missing, not_allowed, plans};
use crate::http::Response;
use crate::select::Kind;

const BACKUP: Kind = Kind {
    what: "a backup",
    members: &["id", "name", "status", "download_url"],
    inside: &[],
    keys: &["id"],
    brief: &["name"],
    expensive: &[],
    options: &[],
    lenient: false,
};

/// A gzipped tar archive with one small file. The content of a real one is not public.
const ARCHIVE: &[u8] = include_bytes!("backup.tar.gz");

impl Deploy {
    pub(super) fn backups(&mut self, now: u64, call: &Call, rest: &[&str]) -> Handled {
        let visible = |backup: &&Backup| backup.status.is_visible(&self.config);
        let (id, below) = match (call.method.as_str(), rest) {
            ("GET", []) => {
                let backups = self.store.backups.iter().filter(visible);
                return Ok(self.collection(
                    backups.map(|backup| record(backup, call)),
                    BACKUP,
                    call,
                ));
            }
            ("POST", []) => return self.back_up(now, call),
            (_, []) => return Err(not_allowed("GET, POST")),
            (_, [id, below @ ..]) => (*id, below),
        };
        let backup = self.store.backups.iter().find(|backup| backup.id == id);
        let backup = backup.filter(visible).ok_or_else(|| missing(call))?;
        match (call.method.as_str(), below) {
            ("GET", []) => Ok(self.single(&record(backup, call), BACKUP, call)),
            ("DELETE", []) if backup.status == Status::InProgress => {
                Err(conflict("A job is running on this backup."))
            }
            ("DELETE", []) => {
                self.store.backups.retain(|backup| backup.id != id);
                Ok(self.done(200))
            }
            (_, []) => Err(not_allowed("GET, DELETE")),
            ("GET", ["download"]) if backup.status == Status::Ready => {
                let disposition = format!("attachment; filename=\"{}\"", backup.file_name);
                let answer = Response::empty(200)
                    .with("content-type", "application/gzip")
                    .with("content-disposition", &disposition)
                    .body(ARCHIVE.to_vec());
                Ok(Outcome::Answer(answer))
            }
            (_, ["download"]) if call.method != "GET" => Err(not_allowed("GET")),
            _ => Err(missing(call)),
        }
    }

    /// The 202 names the future backup. The password protects the file and is not stored.
    fn back_up(&mut self, now: u64, call: &Call) -> Handled {
        let body = self.body(call)?;
        body.only(&["password"])?;
        body.needed_text("password")?;
        let id = self.store.new_id(&self.config, "backup");
        let digits: String = self
            .stamp(now)
            .chars()
            .filter(char::is_ascii_digit)
            .take(14)
            .collect();
        self.store.backups.push(Backup {
            id: id.clone(),
            file_name: format!("deploy_backup_{digits}.tar.gz"),
            status: Status::InProgress,
        });
        let location = call.location(&format!("/backups/{id}"));
        let steps = plans::back_up(&self.config);
        Ok(self
            .start(now, call, &["backup"], steps, Effect::Backup(id))
            .located(Some(location)))
    }
}

/// The file's address has the same base as the request's.
fn record(backup: &Backup, call: &Call) -> Value {
    let url = (backup.status == Status::Ready)
        .then(|| call.location(&format!("/backups/{}/download", backup.id)));
    let status = match backup.status {
        Status::InProgress => "in_progress",
        Status::Ready => "ready",
        Status::Failed => "failed",
    };
    json!({"id": backup.id, "name": backup.file_name, "status": status, "download_url": url})
}
