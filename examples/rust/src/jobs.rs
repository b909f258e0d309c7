//! What the page does with the client, free of anything that is drawn.

use ontap_select_deploy::{DeployClient, DeployError, JobHandle, JobSnapshot};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Created {
    record: Cluster,
}

#[derive(Deserialize)]
struct Cluster {
    id: String,
}

/// Describes a cluster and has it deployed; ready once that is accepted.
pub async fn deploy(
    client: &DeployClient,
    name: &str,
    password: &str,
) -> Result<JobHandle, Box<dyn std::error::Error>> {
    let created = client
        .post("/clusters")
        .json(&json!({ "name": name }))
        .await?;
    let Created { record } = created.json()?;
    let body = json!({ "ontap_credential": { "password": password } });
    let call = client
        .post(&format!("/clusters/{}/deploy", record.id))
        .json(&body);
    Ok(call.submit().await?)
}

/// Shows each change until the job is over. Whoever drops this waits no longer; the job goes on.
pub async fn follow(handle: &JobHandle, show: impl Fn(JobSnapshot)) -> Result<(), DeployError> {
    let mut updates = handle.updates();
    while let Some(job) = updates.next().await {
        show(job?);
    }
    Ok(())
}

const TOKEN: &str = "job";

/// So that a page that is reloaded goes on where it was.
pub fn remember(handle: &JobHandle) {
    if let (Some(storage), Ok(token)) = (storage(), handle.serialize()) {
        let _ = storage.set_item(TOKEN, &token);
    }
}

pub fn forget() {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(TOKEN);
    }
}

pub fn remembered(client: &DeployClient) -> Option<JobHandle> {
    let token = storage()?.get_item(TOKEN).ok()??;
    client.resume(&token).ok()
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok()?
}
