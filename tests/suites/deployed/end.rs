//! What is left of the fleet.

use std::sync::Arc;

use crate::world::World;

pub(crate) async fn a_second_plan_shows_no_change(world: Arc<World>) {
    let changes = world.cloud.plan().await.unwrap_or_else(|error| panic!("{}", error.story()));
    assert_eq!(changes, None, "what was applied a moment ago is not what is there");
}

pub(crate) async fn destroy_leaves_nothing(world: Arc<World>) {
    world.leave().await.unwrap_or_else(|error| panic!("{}", error.story()));
    let before = world.cloud.holdings().await.unwrap_or_else(|error| panic!("{}", error.story()));
    for (kind, names) in &before {
        let comes_without_being_asked_for = ["subscriptions"].contains(kind);
        assert!(
            !names.is_empty() || comes_without_being_asked_for,
            "no {kind} before: the look would see nothing"
        );
    }
    world.cloud.destroy().await.unwrap_or_else(|error| panic!("{}", error.story()));
    let resources = world.cloud.resources().await.unwrap_or_else(|error| panic!("{}", error.story()));
    assert_eq!(resources, Vec::<String>::new());
    for (kind, names) in world.cloud.holdings().await.unwrap_or_else(|error| panic!("{}", error.story())) {
        assert_eq!(names, Vec::<String>::new(), "{kind} are left");
    }
}
