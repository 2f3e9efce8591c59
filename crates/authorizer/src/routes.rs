//! Which permissions groups and scopes give. What is in no table here, or not in the table of routes, is denied to
//! everybody.

use accounts_lambda::routes::{self, Permission};

/// What a caller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// May do everything.
    Administrators,
    /// May only read.
    Readers,
}

/// What the groups of a person make them.
const GROUPS: [(&str, Role); 2] = [("Administrators", Role::Administrators), ("Readers", Role::Readers)];

/// What the scopes of a machine make it.
const SCOPES: [(&str, Role); 2] =
    [("accounts/write", Role::Administrators), ("accounts/read", Role::Readers)];

/// The permission that a route needs, if the route is known. The gateway asks nobody about a route that is open to
/// all; if it does, what it asks about is not guarded as the table says, and nobody gets through.
pub(crate) fn permission(route_key: &str) -> Option<Permission> {
    let permission = routes::by_key(route_key)?.permission;
    (permission != Permission::Open).then_some(permission)
}

impl Role {
    /// The name of the role, which is that of its group.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrators => "Administrators",
            Self::Readers => "Readers",
        }
    }

    /// Whether the role has a permission.
    pub const fn has(self, permission: Permission) -> bool {
        match (self, permission) {
            (_, Permission::Open)
            | (Self::Administrators, Permission::Read | Permission::Administer)
            | (Self::Readers, Permission::Read) => true,
            (Self::Readers, Permission::Administer) => false,
        }
    }

    /// The roles of someone in these groups.
    pub(crate) fn of_groups<'a>(groups: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        known(&GROUPS, groups)
    }

    /// The roles of a machine with these scopes.
    pub(crate) fn of_scopes<'a>(scopes: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        known(&SCOPES, scopes)
    }
}

fn known<'a>(table: &[(&str, Role)], names: impl IntoIterator<Item = &'a str>) -> Vec<Role> {
    let role = |name| table.iter().find(|(known, _)| *known == name).map(|(_, role)| *role);
    let mut roles: Vec<_> = names.into_iter().filter_map(role).collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_only_read_and_administrators_do_everything() {
        assert!(Role::Readers.has(Permission::Read) && !Role::Readers.has(Permission::Administer));
        assert!(
            Role::Administrators.has(Permission::Read) && Role::Administrators.has(Permission::Administer)
        );
    }

    #[test]
    fn a_route_is_known_only_exactly_as_it_is_written() {
        assert_eq!(permission("GET /getAccount"), Some(Permission::Read));
        assert_eq!(permission("POST /createAccount"), Some(Permission::Administer));
        assert_eq!(permission("GET /requests/{requestId}"), Some(Permission::Read));
        assert_eq!(permission("POST /requests/{requestId}/resolve"), Some(Permission::Administer));
        for route in
            ["", "$default", "GET /createAccount", "get /getAccount", "GET /getAccount/", "GET /requests/1"]
        {
            assert_eq!(permission(route), None, "{route}");
        }
    }

    #[test]
    fn a_route_that_is_open_is_none_that_the_authorizer_lets_anybody_through() {
        assert_eq!(permission("GET /health"), None);
    }

    #[test]
    fn other_groups_and_scopes_are_nothing_here() {
        assert_eq!(Role::of_groups(["administrators", "Everyone", "Administrators,Readers"]), []);
        assert_eq!(
            Role::of_groups(["Readers", "Administrators", "Readers"]),
            [Role::Administrators, Role::Readers]
        );
        assert_eq!(Role::of_scopes(["openid", "accounts/read"]), [Role::Readers]);
        assert_eq!(Role::of_scopes(["Administrators"]), []);
    }
}
