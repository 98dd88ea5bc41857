//! The part after the `?`: parsed as strictly as Spotify does.

use super::answer::ErrorReply;
use super::render::PageSpan;

/// The parameters of a request, decoded, in the order in which they were sent.
#[derive(Debug, Clone, Default)]
pub(in crate::simulator) struct UrlQuery {
    pairs: Vec<(String, String)>,
}

impl UrlQuery {
    pub(in crate::simulator) fn read(text: &str) -> Self {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        Self { pairs: pairs.into_owned().collect() }
    }

    /// The same without these parameters.
    pub(in crate::simulator) fn without(&self, names: &[&str]) -> Self {
        let pairs = self.pairs.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        Self { pairs: pairs.cloned().collect() }
    }

    /// The same with another value for one parameter.
    pub(in crate::simulator) fn with(&self, name: &str, value: &str) -> Self {
        let mut query = self.without(&[name]);
        query.pairs.push((name.to_owned(), value.to_owned()));
        query
    }

    /// The first value of a parameter.
    pub(in crate::simulator) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of a required parameter.
    pub(in crate::simulator) fn required(&self, name: &str) -> Result<&str, ErrorReply> {
        self.get(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| ErrorReply::bad_request(format!("Missing required field: {name}")))
    }

    /// `limit`, from 1 to `max`.
    pub(in crate::simulator) fn limit(&self, default: u32, max: u32) -> Result<u32, ErrorReply> {
        let Some(text) = self.get("limit") else {
            return Ok(default);
        };
        let limit = text.parse().ok().filter(|limit| (1..=max).contains(limit));
        limit.ok_or_else(|| ErrorReply::bad_request("Invalid limit"))
    }

    /// `limit` and `offset`.
    pub(in crate::simulator) fn span(&self, default: u32, max: u32) -> Result<PageSpan, ErrorReply> {
        let offset = self.get("offset").map_or(Ok(0), str::parse);
        let offset = offset.map_err(|_| ErrorReply::bad_request("Invalid offset"))?;
        Ok(PageSpan { offset, limit: self.limit(default, max)? })
    }

    /// A comma-separated list of at most `max`.
    pub(in crate::simulator) fn list(&self, name: &str, max: usize) -> Result<Vec<&str>, ErrorReply> {
        let list: Vec<&str> = self.required(name)?.split(',').map(str::trim).collect();
        if list.len() > max {
            return Err(ErrorReply::bad_request(format!("Too many {name} requested")));
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paging_is_read_or_refused() {
        let read = |text: &str| UrlQuery::read(text).span(20, 50).map(|span| (span.offset, span.limit));
        assert_eq!(read(""), Ok((0, 20)));
        assert_eq!(read("offset=100&limit=50"), Ok((100, 50)));
        for bad in ["limit=0", "limit=51", "limit=-1", "limit=ten", "limit="] {
            assert_eq!(read(bad), Err(ErrorReply::bad_request("Invalid limit")), "{bad}");
        }
        for bad in ["offset=-1", "offset=x", "offset="] {
            assert_eq!(read(bad), Err(ErrorReply::bad_request("Invalid offset")), "{bad}");
        }
    }

    #[test]
    fn lists_have_a_bound_and_may_not_be_missing() {
        assert_eq!(UrlQuery::read("ids=a%2Cb,c").list("ids", 3), Ok(vec!["a", "b", "c"]));
        assert!(UrlQuery::read("ids=a,b,c,d").list("ids", 3).is_err());
        assert!(UrlQuery::read("").list("ids", 3).is_err());
    }
}
