//! Text in the form in which it is compared, so that `bjork` finds both `Björk` and `BJÖRK`.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Appends `text` in lower case, in compatibility decomposition, without marks and control
/// characters.
pub fn fold_into(folded: &mut String, text: &str) {
    if text.is_ascii() {
        folded.extend(
            text.bytes()
                .filter(|byte| !byte.is_ascii_control())
                .map(|byte| char::from(byte.to_ascii_lowercase())),
        );
        return;
    }
    let letters = text.nfkd().filter(|letter| !is_combining_mark(*letter) && !letter.is_control());
    folded.extend(letters.flat_map(char::to_lowercase).filter(|letter| !is_combining_mark(*letter)));
}

/// `text` in the form in which it is compared.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(&mut folded, text);
    folded
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::fold;

    #[rstest]
    #[case("Björk", "bjork")]
    #[case("Bjo\u{308}rk", "bjork")]
    #[case("SIGUR RÓS", "sigur ros")]
    #[case("İstanbul", "istanbul")]
    #[case("ﬁn", "fin")]
    #[case("ｶﾞ", "カ")]
    #[case("東京", "東京")]
    #[case("a\u{1f}b\n", "ab")]
    #[case("Łódź", "łodz")]
    fn accents_and_case_make_no_difference(#[case] text: &str, #[case] folded: &str) {
        assert_eq!(fold(text), folded);
        assert_eq!(fold(folded), folded, "folded text folds to itself");
    }
}
