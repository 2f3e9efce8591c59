//! A call's parameters, read one by one so that every fault names the parameter.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::paging::PageRequest;
use crate::wire::error::{Exception, Refusal};

/// The members of a JSON object; a `null` counts as absent.
pub(crate) struct Parameters<'a> {
    members: &'a Map<String, Value>,
    /// Where the object is, as in `Tags[0].`; empty at the top.
    place: String,
    /// What a missing or ill-typed parameter is called in this service.
    fault: Exception,
}

impl<'a> Parameters<'a> {
    pub(crate) fn top(value: &'a Value, fault: Exception) -> Result<Self, Refusal> {
        match value {
            Value::Object(members) => Ok(Self { members, place: String::new(), fault }),
            _ => Err(fault.because("The request must be a JSON object")),
        }
    }

    /// A fault of the named parameter.
    pub(crate) fn wrong(&self, name: &str, what: &str) -> Refusal {
        self.fault.because(format!("Parameter {}{name} {what}", self.place))
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        self.get(name)
            .map(|value| value.as_str().ok_or_else(|| self.wrong(name, "must be a string")))
            .transpose()
    }

    pub(crate) fn required_text(&self, name: &str) -> Result<&'a str, Refusal> {
        self.text(name)?.ok_or_else(|| self.wrong(name, "is required"))
    }

    fn number(&self, name: &str, range: RangeInclusive<usize>) -> Result<Option<usize>, Refusal> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
        match number.filter(|number| range.contains(number)) {
            Some(number) => Ok(Some(number)),
            None => {
                let what = format!("must be an integer from {} to {}", range.start(), range.end());
                Err(self.wrong(name, &what))
            }
        }
    }

    fn list(&self, name: &str) -> Result<Option<&'a [Value]>, Refusal> {
        self.get(name)
            .map(|value| {
                value.as_array().map(Vec::as_slice).ok_or_else(|| self.wrong(name, "must be a list"))
            })
            .transpose()
    }

    /// A list of objects; empty where it is absent.
    pub(crate) fn objects(&self, name: &str) -> Result<Vec<Parameters<'a>>, Refusal> {
        let items = self.list(name)?.unwrap_or_default().iter().enumerate();
        items
            .map(|(index, item)| {
                let members =
                    item.as_object().ok_or_else(|| self.wrong(name, "must be a list of objects"))?;
                let place = format!("{}{name}[{index}].", self.place);
                Ok(Parameters { members, place, fault: self.fault })
            })
            .collect()
    }

    /// A list of strings, where it is present.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<&'a str>>, Refusal> {
        let Some(items) = self.list(name)? else { return Ok(None) };
        items
            .iter()
            .map(|item| item.as_str().ok_or_else(|| self.wrong(name, "must be a list of strings")))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    pub(crate) fn required(&self, name: &str) -> Result<(), Refusal> {
        self.get(name).map(drop).ok_or_else(|| self.wrong(name, "is required"))
    }

    /// An object, where it is present.
    pub(crate) fn object(&self, name: &str) -> Result<Option<Parameters<'a>>, Refusal> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let members = value.as_object().ok_or_else(|| self.wrong(name, "must be an object"))?;
        Ok(Some(Parameters { members, place: format!("{}{name}.", self.place), fault: self.fault }))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.members.keys().map(String::as_str)
    }

    /// `MaxResults` and `NextToken`, as Organizations has them.
    pub(crate) fn organizations_page(&self, listing: &str) -> Result<PageRequest, Refusal> {
        let size = self.number("MaxResults", 1..=20)?.unwrap_or(20);
        PageRequest::new(listing.to_owned(), size, self.text("NextToken")?).map_err(|_| {
            Exception::InvalidInput("INVALID_NEXT_TOKEN")
                .because("Parameter NextToken is not a token of this listing")
        })
    }

    /// `PageSize` and `PageToken`, as Service Catalog has them; a size of zero leaves the choice to it.
    pub(crate) fn catalog_page(&self, listing: &str, at_most: usize) -> Result<PageRequest, Refusal> {
        let size = self.number("PageSize", 0..=at_most)?.filter(|size| *size > 0).unwrap_or(20);
        self.catalog_page_of(listing, size)
    }

    /// The same with pages of at most `most` items, whatever the caller allows.
    pub(crate) fn small_catalog_page(&self, listing: &str, most: usize) -> Result<PageRequest, Refusal> {
        let size = self.number("PageSize", 0..=20)?.filter(|size| *size > 0).unwrap_or(most);
        self.catalog_page_of(listing, size.min(most))
    }

    fn catalog_page_of(&self, listing: &str, size: usize) -> Result<PageRequest, Refusal> {
        PageRequest::new(listing.to_owned(), size, self.text("PageToken")?).map_err(|_| {
            Exception::InvalidParameters.because("Parameter PageToken is not a token of this listing")
        })
    }
}
