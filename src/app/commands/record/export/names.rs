//! File names from playlist names, which may be any text.

use std::collections::HashSet;

use crate::domain::display_safe;

/// The longest name in bytes; file systems allow 255 with everything that is added.
const LONGEST: usize = 120;

/// A name that leads to no other folder and contains no control character; the id makes it unique
/// to this playlist.
pub fn of_playlist(name: &str, id: &str) -> String {
    let is_id = |c: &char| c.is_ascii_alphanumeric() || *c == '-' || *c == '_';
    let id: String = id.chars().filter(is_id).take(64).collect();
    let mut kept = String::new();
    for c in display_safe(name).chars() {
        let c = if matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|') || c.is_control() {
            '_'
        } else {
            c
        };
        if kept.len() + c.len_utf8() > LONGEST {
            break;
        }
        kept.push(c);
    }
    let kept = kept.trim_matches(|c: char| c == '.' || c.is_whitespace());
    if kept.is_empty() { id } else { format!("{kept} [{id}]") }
}

/// The name or, if it is already used, the name with a number; file systems may ignore the case.
pub fn free(name: &str, used: &mut HashSet<String>) -> String {
    let mut free = name.to_owned();
    let mut number = 2_u32;
    while !used.insert(free.to_lowercase()) {
        free = format!("{name} ({number})");
        number += 1;
    }
    free
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hostile_names_stay_in_their_folder() {
        assert_eq!(of_playlist("../../etc/passwd", "abc"), "_.._etc_passwd [abc]");
        assert_eq!(of_playlist("..", "abc"), "abc");
        assert_eq!(of_playlist("Road trip", "../x"), "Road trip [x]");
        let mut used = HashSet::new();
        assert_eq!(free("A", &mut used), "A");
        assert_eq!(free("a", &mut used), "a (2)");
    }

    proptest! {
        #[test]
        fn any_name_is_one_file(name in ".*", id in "[0-9A-Za-z]{22}") {
            let file = of_playlist(&name, &id);
            prop_assert!(!file.contains('/') && !file.starts_with('.') && file.len() <= 200);
            prop_assert!(!file.chars().any(char::is_control));
            prop_assert_eq!(std::path::Path::new(&file).components().count(), 1);
        }
    }
}
