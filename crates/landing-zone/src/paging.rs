//! Pages and their tokens, with the empty pages that Organizations really serves.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The part of a listing that one page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) offset: usize,
    pub(crate) size: usize,
}

impl Window {
    /// The first `size` items.
    pub(crate) const fn whole(size: usize) -> Self {
        Self { offset: 0, size }
    }
}

/// When a listing starts with an empty page that carries a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EmptyPage {
    Always,
    /// Only where one page does not hold everything.
    BeforeSeveral,
    Never,
}

/// What a call asked for: a place in a listing. Tokens hold for that listing alone.
#[derive(Debug)]
pub(crate) struct PageRequest {
    listing: String,
    size: usize,
    offset: Option<usize>,
}

/// A token that no listing gave, or another one did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ForeignToken;

impl PageRequest {
    /// `listing` names the operation and all that decides what it lists.
    pub(crate) fn new(listing: String, size: usize, token: Option<&str>) -> Result<Self, ForeignToken> {
        let offset = token.map(|token| read_token(&listing, token).ok_or(ForeignToken)).transpose()?;
        Ok(Self { listing, size, offset })
    }

    /// What to show of `total` items, and the token of the next page.
    pub(crate) fn place(&self, total: usize, empty_page: EmptyPage) -> (Window, Option<String>) {
        let starts_empty = self.offset.is_none()
            && match empty_page {
                EmptyPage::Always => true,
                EmptyPage::BeforeSeveral => total > self.size,
                EmptyPage::Never => false,
            };
        let window =
            Window { offset: self.offset.unwrap_or(0), size: if starts_empty { 0 } else { self.size } };
        let next = window.offset.saturating_add(window.size);
        let more = starts_empty || next < total;
        (window, more.then(|| write_token(&self.listing, next)))
    }
}

fn write_token(listing: &str, offset: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("{offset} {listing}"))
}

fn read_token(listing: &str, token: &str) -> Option<usize> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (offset, of) = text.split_once(' ')?;
    if of == listing { offset.parse::<u32>().ok()?.try_into().ok() } else { None }
}
