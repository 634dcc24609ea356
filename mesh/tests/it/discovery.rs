//! Where an app is looked for (target id resolution), and how processes find each other.

use std::path::Path;

use daptop_mesh::{AppPresence, MeshSettings, Readiness, SidecarSettings};

use crate::support::{App, Ask, Bed, Node, Script, settings};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";

fn bed(folder: &Path) -> Bed {
    Bed::with(MeshSettings { directory: Some(folder.to_owned()), ..MeshSettings::default() })
}

async fn named_app(name: &str) -> App {
    App::start(Script::default().header("X-App", name)).await
}

/// Who answers so many calls.
async fn who(node: &Node, calls: usize) -> Vec<String> {
    let mut names = Vec::new();
    for _ in 0..calls {
        let answer = node.ask(Ask::get(ORDERS)).await;
        names.push(answer.header("x-app").map_or_else(|| answer.error(), str::to_owned));
    }
    names
}

#[tokio::test]
async fn an_app_of_the_same_process_goes_before_those_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (bed(folder.path()), bed(folder.path()));
    let (near, far) = (named_app("near").await, named_app("far").await);
    let _far = there.start_ready(settings("order-processor", far.port)).await;
    let checkout = here.start_ready(settings("checkout", None)).await;
    assert_eq!(who(&checkout, 2).await, ["far", "far"]);
    let nearest = here.start_ready(settings("order-processor", near.port)).await;
    assert_eq!(who(&checkout, 4).await, ["near"; 4]);
    nearest.close().await;
    assert_eq!(who(&checkout, 2).await, ["far", "far"]);
}

#[tokio::test]
async fn replicas_of_one_process_take_turns() {
    let bed = Bed::new();
    let (one, two) = (named_app("one").await, named_app("two").await);
    let first = bed.start_ready(settings("order-processor", one.port)).await;
    let _second = bed.start_ready(settings("order-processor", two.port)).await;
    let checkout = bed.start_ready(settings("checkout", None)).await;
    let mut answers = who(&checkout, 4).await;
    assert!(answers.windows(2).all(|pair| pair[0] != pair[1]), "{answers:?}");
    answers.sort();
    assert_eq!(answers, ["one", "one", "two", "two"]);
    first.close().await;
    assert_eq!(who(&checkout, 3).await, ["two"; 3], "a closed sidecar is forgotten at once");
}

#[tokio::test]
async fn replicas_in_several_processes_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (named_app("one").await, named_app("two").await);
    let (bed_one, bed_two, callers) = (bed(folder.path()), bed(folder.path()), bed(folder.path()));
    let first = bed_one.start_ready(settings("order-processor", one.port)).await;
    let _second = bed_two.start_ready(settings("order-processor", two.port)).await;
    let checkout = callers.start_ready(settings("checkout", None)).await;
    let mut answers = who(&checkout, 4).await;
    answers.sort();
    assert_eq!(answers, ["one", "one", "two", "two"]);
    first.close().await;
    assert_eq!(who(&checkout, 3).await, ["two"; 3], "a closed sidecar is forgotten at once");
}

#[tokio::test]
async fn the_turns_of_one_app_are_not_those_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let (here, there, more) = (bed(folder.path()), bed(folder.path()), bed(folder.path()));
    let (one, two) = (named_app("one").await, named_app("two").await);
    for (bed, id, app) in [
        (&here, "near", &one),
        (&here, "near", &two),
        (&here, "near-too", &one),
        (&here, "near-too", &two),
        (&there, "far", &one),
        (&more, "far", &two),
        (&there, "far-alone", &one),
    ] {
        bed.start_ready(settings(id, app.port)).await;
    }
    let checkout = here.start_ready(settings("checkout", None)).await;
    for ids in [["near", "near-too"], ["far", "far-alone"]] {
        let mut first = Vec::new();
        for _ in 0..4 {
            for id in ids {
                let answer = checkout.ask(Ask::get(&format!("/v1.0/invoke/{id}/method/orders"))).await;
                first.extend(answer.header("x-app").filter(|_| id == ids[0]).map(str::to_owned));
            }
        }
        assert!(first.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}: {first:?}");
    }
}

#[tokio::test]
async fn a_replica_whose_app_has_ended_is_passed_over() {
    let bed = Bed::new();
    let (one, two) = (named_app("one").await, named_app("two").await);
    let supervised = |port| SidecarSettings { supervised: true, ..settings("order-processor", port) };
    let (first, second) = (bed.start(supervised(one.port)), bed.start(supervised(two.port)));
    for node in [&first, &second] {
        node.sidecar.set_presence(AppPresence::Running);
        node.wait_for(Readiness::Ready).await;
    }
    let checkout = bed.start_ready(settings("checkout", None)).await;
    first.sidecar.set_presence(AppPresence::Gone);
    assert_eq!(who(&checkout, 3).await, ["two"; 3]);
}

#[tokio::test]
async fn the_last_sidecar_of_an_app_takes_its_name_along() {
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (bed(folder.path()), bed(folder.path()));
    let app = named_app("only").await;
    for home in [&here, &there] {
        let checkout = here.start_ready(settings("checkout", None)).await;
        let processor = home.start_ready(settings("order-processor", app.port)).await;
        assert_eq!(who(&checkout, 1).await, ["only"]);
        processor.close().await;
        let unknown = "failed to invoke, id: order-processor, err: couldn't find service: order-processor";
        assert_eq!(who(&checkout, 1).await, [unknown]);
        checkout.close().await;
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left in the folder");
}

#[tokio::test]
async fn a_mesh_without_a_folder_stays_alone() {
    let app = named_app("only").await;
    let (here, there) = (Bed::new(), Bed::new());
    let _processor = there.start_ready(settings("order-processor", app.port)).await;
    let checkout = here.start_ready(settings("checkout", None)).await;
    assert!(who(&checkout, 1).await[0].ends_with("couldn't find service: order-processor"));
}

#[tokio::test]
async fn a_namespace_is_not_looked_at_except_to_tell_oneself_from_others() {
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (bed(folder.path()), bed(folder.path()));
    let (near, far) = (named_app("near").await, named_app("far").await);
    let in_shop = |id, port: Option<u16>| SidecarSettings { namespace: "shop".to_owned(), ..settings(id, port) };
    let processor = here.start_ready(in_shop("order-processor", Some(near.port))).await;
    let _far = there.start_ready(in_shop("stock", Some(far.port))).await;
    // Who is asked, what for, who answers, and whether the call went as one to another app.
    let rows = [
        ("order-processor", "near", false),
        ("order-processor.shop", "near", false),
        ("order-processor.default", "near", true),
        ("stock", "far", true),
        ("stock.shop", "far", true),
        ("stock.anywhere", "far", true),
    ];
    for (id, name, is_remote) in rows {
        let answer = processor.ask(Ask::get(&format!("/v1.0/invoke/{id}/method/orders"))).await;
        assert_eq!(answer.header("x-app"), Some(name), "{id}: {}", answer.text());
        let app = if name == "near" { &near } else { &far };
        let seen = app.seen().await;
        let caller = is_remote.then_some(("shop", "order-processor", id.split('.').next().unwrap()));
        let told = ["dapr-caller-namespace", "dapr-caller-app-id", "dapr-callee-app-id"].map(|name| seen.header(name));
        assert_eq!(
            told,
            caller.map_or([None; 3], |(space, caller, callee)| [Some(space), Some(caller), Some(callee)]),
            "{id}"
        );
    }
    let dots = processor.ask(Ask::get("/v1.0/invoke/stock.shop.more/method/orders")).await;
    assert_eq!(dots.error(), "failed to invoke, id: stock.shop.more, err: invalid app id stock.shop.more");
}
