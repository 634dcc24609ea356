//! What happens when nobody reads what is told: calls go on, and what is lost is counted.

use daptop_mesh::MeshSettings;
use daptop_model::Event;

use super::ORDERS;
use crate::support::{App, Ask, Bed, Node, Script, settings, soon};

/// An app and its sidecar in a mesh whose channel has room for so many events.
async fn with_room(events: usize) -> (App, Bed, Node) {
    let app = App::start(Script::default()).await;
    let bed = Bed::with_room(MeshSettings::default(), events);
    let node = bed.start_ready(settings("order-processor", app.port)).await;
    (app, bed, node)
}

async fn all_told(bed: &mut Bed) -> Vec<Event> {
    let mut events = Vec::new();
    soon("what was told", bed.events.receive_many(&mut events, 1_000)).await;
    events
}

#[tokio::test]
async fn calls_do_not_wait_for_a_reader_and_what_is_lost_is_counted() {
    // Each call takes the room of two events, or none.
    for (room, captured) in [(2, 1), (3, 1), (6, 3)] {
        let (_app, mut bed, node) = with_room(room).await;
        for _ in 0..10 {
            assert_eq!(node.ask(Ask::post(ORDERS, "{}")).await.status(), 200, "room for {room}");
        }
        assert_eq!(bed.events.lost(), (10 - captured as u64, 0), "room for {room}");
        let events = all_told(&mut bed).await;
        let starts = events.iter().filter(|event| matches!(event, Event::CallStarted(_))).count();
        let ends = events.iter().filter(|event| matches!(event, Event::CallEnded(_))).count();
        assert_eq!((starts, ends), (captured, captured), "a call that began on the screen also ends there");
        assert_eq!(node.ask(Ask::get(ORDERS)).await.status(), 200);
        assert_eq!(all_told(&mut bed).await.len(), 2, "room for {room}: once read, calls are told again");
    }
}

#[tokio::test]
async fn every_call_is_told_or_counted_under_load() {
    let (_app, mut bed, node) = with_room(8).await;
    let port = node.http;
    let callers: Vec<_> = (0..8)
        .map(|_| {
            tokio::spawn(async move {
                for _ in 0..25 {
                    assert_eq!(crate::support::ask(port, &Ask::get(ORDERS)).await.status(), 200);
                }
            })
        })
        .collect();
    let mut ends = 0;
    let running = async {
        for caller in callers {
            caller.await.unwrap();
        }
    };
    tokio::pin!(running);
    let mut finished = false;
    while !finished || ends + usize::try_from(bed.events.lost().0).unwrap() < 200 {
        tokio::select! {
            () = &mut running, if !finished => finished = true,
            events = all_told(&mut bed) => {
                ends += events.iter().filter(|event| matches!(event, Event::CallEnded(_))).count();
            }
        }
    }
    assert_eq!(ends + usize::try_from(bed.events.lost().0).unwrap(), 200);
    assert!(ends > 0);
}

#[tokio::test]
async fn calls_go_on_when_the_reader_is_gone() {
    let (_app, Bed { mesh, events }, node) = with_room(64).await;
    drop(events);
    for _ in 0..3 {
        assert_eq!(node.ask(Ask::post(ORDERS, "{}")).await.status(), 200);
    }
    drop(mesh);
}
