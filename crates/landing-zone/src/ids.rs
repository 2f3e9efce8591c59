//! Ids of the kinds that AWS makes.

/// Random lower-case letters and digits, as AWS makes its ids of.
pub(crate) fn random_id(length: usize) -> String {
    const CHARACTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    (0..length).map(|_| char::from(CHARACTERS[fastrand::usize(..CHARACTERS.len())])).collect()
}
