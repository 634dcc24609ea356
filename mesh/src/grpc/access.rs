//! The methods of Dapr's service by the API that they belong to: which of them are there, and what is said of those that
//! daptop does not have.

use crate::ApiAccess;

/// Each API as the rules name it, what it needs, and its methods.
const GROUPS: [(&str, &str, &[&str]); 24] = [
    ("invoke.v1", "", &["InvokeService"]),
    ("metadata.v1", "", &["GetMetadata", "SetMetadata"]),
    ("shutdown.v1", "", &["Shutdown"]),
    (
        "state.v1",
        "state stores",
        &["GetState", "GetBulkState", "SaveState", "DeleteState", "DeleteBulkState", "ExecuteStateTransaction"],
    ),
    ("state.v1alpha1", "state stores", &["QueryStateAlpha1"]),
    ("publish.v1", "pub/sub", &["PublishEvent", "BulkPublishEvent"]),
    ("publish.v1alpha1", "pub/sub", &["BulkPublishEventAlpha1"]),
    ("subscribe.v1alpha1", "pub/sub", &["SubscribeTopicEventsAlpha1"]),
    ("bindings.v1", "bindings", &["InvokeBinding"]),
    ("secrets.v1", "secret stores", &["GetSecret", "GetBulkSecret"]),
    (
        "actors.v1",
        "actors",
        &[
            "RegisterActorTimer",
            "UnregisterActorTimer",
            "RegisterActorReminder",
            "GetActorReminder",
            "UnregisterActorReminder",
            "UnregisterActorRemindersByType",
            "ListActorReminders",
            "GetActorState",
            "ExecuteActorStateTransaction",
            "InvokeActor",
        ],
    ),
    ("actors.v1alpha1", "actors", &["SubscribeActorEventsAlpha1"]),
    (
        "configuration.v1",
        "configuration stores",
        &["GetConfiguration", "SubscribeConfiguration", "UnsubscribeConfiguration"],
    ),
    (
        "configuration.v1alpha1",
        "configuration stores",
        &["GetConfigurationAlpha1", "SubscribeConfigurationAlpha1", "UnsubscribeConfigurationAlpha1"],
    ),
    ("lock.v1alpha1", "distributed locks", &["TryLockAlpha1"]),
    ("unlock.v1alpha1", "distributed locks", &["UnlockAlpha1"]),
    (
        "subtlecrypto.v1alpha1",
        "cryptography",
        &[
            "SubtleGetKeyAlpha1",
            "SubtleEncryptAlpha1",
            "SubtleDecryptAlpha1",
            "SubtleWrapKeyAlpha1",
            "SubtleUnwrapKeyAlpha1",
            "SubtleSignAlpha1",
            "SubtleVerifyAlpha1",
        ],
    ),
    ("crypto.v1alpha1", "cryptography", &["EncryptAlpha1", "DecryptAlpha1"]),
    (
        "workflows.v1alpha1",
        "workflows",
        &[
            "StartWorkflowAlpha1",
            "GetWorkflowAlpha1",
            "PurgeWorkflowAlpha1",
            "TerminateWorkflowAlpha1",
            "PauseWorkflowAlpha1",
            "ResumeWorkflowAlpha1",
            "RaiseEventWorkflowAlpha1",
        ],
    ),
    (
        "workflows.v1beta1",
        "workflows",
        &[
            "StartWorkflowBeta1",
            "GetWorkflowBeta1",
            "PurgeWorkflowBeta1",
            "TerminateWorkflowBeta1",
            "PauseWorkflowBeta1",
            "ResumeWorkflowBeta1",
            "RaiseEventWorkflowBeta1",
        ],
    ),
    ("jobs.v1", "jobs", &["ScheduleJob", "GetJob", "DeleteJob", "DeleteJobsByPrefix", "ListJobs"]),
    (
        "jobs.v1alpha1",
        "jobs",
        &["ScheduleJobAlpha1", "GetJobAlpha1", "DeleteJobAlpha1", "DeleteJobsByPrefixAlpha1", "ListJobsAlpha1"],
    ),
    ("conversation.v1alpha1", "conversations", &["ConverseAlpha1"]),
    ("conversation.v1alpha2", "conversations", &["ConverseAlpha2"]),
];

/// The API of a method, and what it needs; `None` for a name that Dapr's service does not have.
pub(super) fn group(method: &str) -> Option<(&'static str, &'static str)> {
    let (name, needs, _) = GROUPS.iter().find(|(_, _, methods)| methods.contains(&method))?;
    Some((name, needs))
}

/// What the caller of a method is told that daptop does not have.
pub(super) fn sentence(method: &str) -> String {
    let needs = group(method).map_or("such an API", |(_, needs)| needs);
    format!("daptop has no {needs}: Dapr's method {method} works only behind Dapr's own sidecar")
}

/// Whether a method is there. A rule names a whole API.
pub(super) fn is_there(access: &ApiAccess, method: &str) -> bool {
    let Some((name, _)) = group(method) else { return true };
    let names = |rules: &[crate::ApiRule]| rules.iter().any(|rule| name == format!("{}.{}", rule.name, rule.version));
    !names(&access.denied) && (access.allowed.is_empty() || names(&access.allowed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ApiRule;

    #[test]
    fn every_method_belongs_to_one_api() {
        let mut names: Vec<_> = GROUPS.iter().flat_map(|(_, _, methods)| methods.iter()).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(group("NoSuchMethod").is_none() && is_there(&ApiAccess::default(), "NoSuchMethod"));
    }

    #[test]
    fn a_rule_takes_a_whole_api_away_or_all_others() {
        let rule = |name: &str, version: &str| ApiRule { name: name.to_owned(), version: version.to_owned() };
        let denied = ApiAccess { allowed: Vec::new(), denied: vec![rule("metadata", "v1")] };
        let allowed = ApiAccess { allowed: vec![rule("metadata", "v1")], denied: Vec::new() };
        for (method, with_denied, with_allowed) in
            [("GetMetadata", false, true), ("SetMetadata", false, true), ("InvokeService", true, false)]
        {
            assert_eq!(is_there(&denied, method), with_denied, "{method}");
            assert_eq!(is_there(&allowed, method), with_allowed, "{method}");
        }
    }
}
