//! One deployment on the page: its form, its course, its end.

use std::cell::RefCell;
use std::rc::Rc;

use futures::future::{AbortHandle, abortable};
use ontap_select_deploy::{Code, DeployClient, DeployError, JobHandle, JobSnapshot};
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::jobs;
use crate::session::text_of;

/// What is shown of a deployment.
#[derive(Clone, Default, PartialEq)]
struct Course {
    seen: Vec<JobSnapshot>,
    end: Option<String>,
}

enum Step {
    Begin,
    Saw(JobSnapshot),
    End(String),
}

impl Reducible for Course {
    type Action = Step;

    fn reduce(self: Rc<Self>, step: Step) -> Rc<Self> {
        let mut course = (*self).clone();
        match step {
            Step::Begin => course = Self::default(),
            Step::Saw(job) => course.seen.push(job),
            Step::End(text) => course.end = Some(text),
        }
        Rc::new(course)
    }
}

#[derive(PartialEq, Properties)]
pub struct DeployingProps {
    pub client: DeployClient,
    /// The password has to be given once more.
    pub refused: bool,
}

#[component]
pub fn Deploying(props: &DeployingProps) -> Html {
    let course = use_reducer(Course::default);
    let busy = use_state(|| false);
    let leave = use_mut_ref(|| None::<AbortHandle>);
    let (name, password) = (use_node_ref(), use_node_ref());

    // Whatever is dropped waits no longer: by the button, and when the page takes the component away.
    let begin = {
        let (course, busy, leave) = (course.dispatcher(), busy.setter(), leave.clone());
        move |work: Work| {
            let (course, busy) = (course.clone(), busy.clone());
            course.dispatch(Step::Begin);
            busy.set(true);
            let show = {
                let course = course.clone();
                move |job| course.dispatch(Step::Saw(job))
            };
            let (work, handle) = abortable(work.run(show));
            leave.replace(Some(handle));
            spawn_local(async move {
                let end = work
                    .await
                    .unwrap_or_else(|_| "You left; the job goes on.".into());
                course.dispatch(Step::End(end));
                busy.set(false);
            });
        }
    };
    {
        let leave = leave.clone();
        use_effect_with(props.client.clone(), move |_| move || end(&leave));
    }
    // After a reload; and after a password that was given so late that nobody waited for it any more.
    {
        let (begin, busy) = (begin.clone(), *busy);
        let given = (props.client.clone(), props.refused);
        use_effect_with(given, move |(client, refused)| {
            if !busy
                && !refused
                && let Some(handle) = jobs::remembered(client)
            {
                begin(Work::Resume(handle));
            }
        });
    }

    let onsubmit = {
        let (client, name, password) = (props.client.clone(), name.clone(), password.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            begin(Work::Deploy(
                client.clone(),
                text_of(&name),
                text_of(&password),
            ));
        })
    };
    let onclick = Callback::from(move |_| end(&leave));
    html! {
        <section>
            <form {onsubmit} aria-label="Deploy">
                <label>{ "Cluster" }<input ref={name} required=true /></label>
                <label>
                    { "Its password" }
                    <input ref={password} type="password" autocomplete="new-password" />
                </label>
                <button disabled={*busy}>{ "Deploy" }</button>
                <button type="button" disabled={!*busy} {onclick}>{ "Stop waiting" }</button>
            </form>
            <ol>
                { for course.seen.iter().map(|job| html! {
                    <li><b>{ job.state().name() }</b>{ job.message().unwrap_or_default() }</li>
                }) }
            </ol>
            if let Some(end) = &course.end {
                <p role="status">{ end }</p>
            }
        </section>
    }
}

fn end(leave: &RefCell<Option<AbortHandle>>) {
    if let Some(handle) = leave.take() {
        handle.abort();
    }
}

/// What is under way.
enum Work {
    Deploy(DeployClient, String, String),
    Resume(JobHandle),
}

impl Work {
    /// Follows it to its end, and tells that.
    async fn run(self, show: impl Fn(JobSnapshot)) -> String {
        let handle = match self {
            Self::Resume(handle) => handle,
            Self::Deploy(client, name, password) => {
                match jobs::deploy(&client, &name, &password).await {
                    Ok(handle) => handle,
                    Err(error) => return format!("Not begun: {error}"),
                }
            }
        };
        jobs::remember(&handle);
        let end = jobs::follow(&handle, show).await;
        if end.as_ref().err().is_none_or(is_last) {
            jobs::forget();
        }
        match end {
            Ok(()) => "Deployed.".into(),
            Err(error) if is_failure(&error) => format!("Failed: {error}"),
            Err(error) => format!("Not known how it ended: {error}"),
        }
    }
}

fn is_failure(error: &DeployError) -> bool {
    error.code() == Some(Code::JobFailed)
}

/// Whether there is nothing more to hear of the job.
fn is_last(error: &DeployError) -> bool {
    is_failure(error) || error.code() == Some(Code::JobGone)
}
