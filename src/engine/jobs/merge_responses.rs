//! Merges two answers to one request.
//!
//! Owns: the merged rows. Must not know: what the rows are, or why there were two requests.

use crate::domain::Row;

/// The rows of the first answer, with rows of the second one in place of its null rows. If a row
/// that is readable in both answers differs, the list has moved between them and a merge would be
/// wrong, so the second answer alone is returned.
pub fn completed<T: PartialEq>(
    first: Vec<Row<T>>,
    second: Vec<Row<T>>,
    says_something: impl Fn(&Row<T>) -> bool,
) -> Vec<Row<T>> {
    let is_moved = |(one, other): (&Row<T>, &Row<T>)| {
        says_something(one) && says_something(other) && one.readable() != other.readable()
    };
    if first.len() != second.len() || first.iter().zip(&second).any(is_moved) {
        return second;
    }
    let pairs = first.into_iter().zip(second);
    pairs.map(|(one, other)| if says_something(&one) { one } else { other }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Row<char>> {
        text.chars().map(|c| if c == '-' { Row::Null } else { Row::Readable(c) }).collect()
    }

    fn both(first: &str, second: &str) -> String {
        let completed = completed(rows(first), rows(second), |row| *row != Row::Null);
        completed.iter().map(|row| row.readable().copied().unwrap_or('-')).collect()
    }

    #[test]
    fn what_one_answer_lacks_the_other_has() {
        assert_eq!(both("a-c-", "ab--"), "abc-");
    }

    #[test]
    fn answers_that_contradict_each_other_are_not_mixed() {
        assert_eq!(both("a-cd", "-acd"), "aacd", "nothing contradicts: nobody can tell");
        assert_eq!(both("a-cd", "dac-"), "dac-");
        assert_eq!(both("a-", "abc"), "abc");
    }
}
