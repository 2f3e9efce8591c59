//! Which route needs which right, and who has it. What is in no table here is denied to everybody.

/// What a route needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// To see requests.
    Read,
    /// To make them.
    Administer,
}

/// What a caller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// May do everything.
    Administrators,
    /// May only read.
    Readers,
}

/// The routes of the API that need a token, as the gateway writes them.
const ROUTES: [(&str, Right); 2] =
    [("POST /createAccount", Right::Administer), ("GET /getAccount", Right::Read)];

/// What the groups of a person make them.
const GROUPS: [(&str, Role); 2] = [("Administrators", Role::Administrators), ("Readers", Role::Readers)];

/// What the scopes of a machine make it.
const SCOPES: [(&str, Role); 2] =
    [("accounts/write", Role::Administrators), ("accounts/read", Role::Readers)];

/// The right that a route needs, if the route is known.
pub(crate) fn right(route: &str) -> Option<Right> {
    ROUTES.into_iter().find(|(known, _)| *known == route).map(|(_, right)| right)
}

impl Role {
    /// The name of the role, which is that of its group.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrators => "Administrators",
            Self::Readers => "Readers",
        }
    }

    /// Whether the role has a right.
    pub const fn has(self, right: Right) -> bool {
        match (self, right) {
            (Self::Administrators, Right::Read | Right::Administer) | (Self::Readers, Right::Read) => true,
            (Self::Readers, Right::Administer) => false,
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
        assert!(Role::Readers.has(Right::Read) && !Role::Readers.has(Right::Administer));
        assert!(Role::Administrators.has(Right::Read) && Role::Administrators.has(Right::Administer));
    }

    #[test]
    fn a_route_is_known_only_exactly_as_it_is_written() {
        assert_eq!(right("GET /getAccount"), Some(Right::Read));
        assert_eq!(right("POST /createAccount"), Some(Right::Administer));
        for route in
            ["", "$default", "GET /createAccount", "get /getAccount", "GET /getAccount/", "ANY /getAccount"]
        {
            assert_eq!(right(route), None, "{route}");
        }
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
