//! Names that look like those of a real library: invented, in many scripts, some deliberately
//! difficult.
//!
//! Owns: the words and how they are combined. Nothing here names a real artist.

use rand::RngExt;

use crate::simulator::rng::{Stream, one_in_hundred, pick};

const FIRST: &[&str] = &[
    "Ada", "Marlowe", "Ines", "Otis", "Juno", "Tobias", "Mira", "Levi", "Saoirse", "Anselm", "Priya",
    "Caspian", "Noor", "Elif", "Hugo", "Wren", "Isolde", "Rafael", "Thea", "Kofi", "Zoë", "Björn", "Renée",
    "Ángela", "Søren", "Jiří", "Łucja", "Ayşe", "Máire", "Chloé",
];
const LAST: &[&str] = &[
    "Vane",
    "Okafor",
    "Lindqvist",
    "Marsh",
    "Delacroix",
    "Hale",
    "Winterbourne",
    "Castellane",
    "Ashgrove",
    "Ito",
    "Ferreira",
    "Novák",
    "Quill",
    "Solberg",
    "Thorne",
    "Abernathy",
    "Moreau",
    "Kestrel",
    "Ramires",
    "Holloway",
    "Ødegaard",
    "Peñalver",
    "Grünewald",
    "Szymańska",
    "O’Dowd",
    "Çelik",
    "Ionescu",
    "Halldórsdóttir",
];
const ADJECTIVE: &[&str] = &[
    "Paper",
    "Velvet",
    "Northern",
    "Silent",
    "Copper",
    "Slow",
    "Crystal",
    "Hollow",
    "Electric",
    "Amber",
    "Distant",
    "Second",
    "Lunar",
    "Wild",
    "Gentle",
    "Midnight",
    "Salt",
    "Glass",
    "Burning",
    "Pale",
    "Restless",
    "Secret",
    "Golden",
    "Forgotten",
    "Low",
    "Tidal",
];
const NOUN: &[&str] = &[
    "Harbour",
    "Orchard",
    "Signal",
    "Lantern",
    "Meridian",
    "Sparrow",
    "Cathedral",
    "Engine",
    "Garden",
    "Mirror",
    "Tide",
    "Satellite",
    "Compass",
    "Winter",
    "Arcade",
    "Motel",
    "Prairie",
    "Ember",
    "Atlas",
    "Window",
    "Static",
    "Avenue",
    "Feather",
    "Machine",
    "River",
    "Parade",
    "Ghost",
    "Horizon",
    "Cinema",
    "Telegraph",
];
const PLURAL: &[&str] = &[
    "Lanterns",
    "Foxes",
    "Engineers",
    "Cartographers",
    "Sleepers",
    "Astronomers",
    "Swimmers",
    "Pilots",
    "Orchids",
    "Weathermen",
    "Understudies",
    "Locksmiths",
    "Magpies",
    "Strangers",
    "Typists",
    "Comets",
];
const PLACE: &[&str] = &[
    "Reykjavík",
    "Lisbon",
    "Halifax",
    "Tromsø",
    "Valparaíso",
    "Kraków",
    "Galway",
    "Oaxaca",
    "Dakar",
    "Gothenburg",
    "Tbilisi",
    "Marfa",
    "Hokkaido",
    "Antwerp",
];
const ENSEMBLE: &[&str] =
    &["Quartet", "Sound System", "Choir", "Radio Orchestra", "Trio", "Social Club", "Ensemble", "Brass Band"];
const VERB: &[&str] = &[
    "Follow",
    "Leave",
    "Remember",
    "Carry",
    "Wait for",
    "Dance with",
    "Forgive",
    "Call",
    "Hold",
    "Lose",
    "Bury",
    "Wake",
];
const TAIL: &[&str] = &[
    "Tonight",
    "in Colour",
    "Again",
    "Before Dawn",
    "by the Sea",
    "at the Edge of Town",
    "Without You",
    "in the Rear-View",
    "After All",
    "(Reprise)",
    "Under Ice",
    "on a Tuesday",
    "for Nobody",
    "and Other Storms",
];
const SUFFIX: &[&str] = &[
    " - Live",
    " - Remastered 2011",
    " (Acoustic)",
    " - Radio Edit",
    " (Demo)",
    " - Instrumental",
    " (Interlude)",
];
const MOOD: &[&str] = &[
    "Late Night",
    "Sunday",
    "Focus",
    "Kitchen",
    "Running",
    "Rainy Day",
    "Road Trip",
    "Dinner",
    "Garden",
    "Commute",
    "Deep Work",
    "Golden Hour",
    "Winter",
    "First Coffee",
    "Long Way Home",
];
const MIX: &[&str] =
    &["Mix", "Songs", "Classics", "Radio", "Favourites", "Playlist", "Tape", "Sessions", "Finds"];
const GENRES: &[&str] = &[
    "indie folk",
    "dream pop",
    "shoegaze",
    "ambient",
    "post-rock",
    "chamber pop",
    "synthwave",
    "nu jazz",
    "slowcore",
    "afrobeat",
    "krautrock",
    "trip hop",
    "art rock",
    "bossa nova",
    "minimal techno",
    "neoclassical",
    "desert blues",
    "city pop",
    "math rock",
    "dub",
    "fado",
    "alt country",
];
const LABELS: &[&str] = &[
    "Tin Roof Records",
    "Meridian Sound",
    "Paper Boat",
    "Kelp & Co.",
    "Nordlys",
    "Third Floor",
    "Casa Azul Discos",
];

/// Parts of names in other scripts: any of the first combined with any of the second. They include
/// combining marks, wide letters, right-to-left text, and emoji joined from several.
const SCRIPTS: &[(&[&str], &[&str])] = &[
    (
        &["青い", "静かな", "遠い", "最後の", "透明な", "真夜中の"],
        &["月", "電車", "海", "庭", "灯台", "交差点"],
    ),
    (&["夜", "雨", "山", "白"], &["之城", "的信", "間飛行", "色列车"]),
    (&["푸른 ", "조용한 ", "마지막 ", "너의 "], &["밤", "바다", "기차", "정원", "이름"]),
    (&["Ночной ", "Тихий ", "Последний ", "Белый "], &["трамвай", "океан", "сад", "сигнал", "шёпот"]),
    (&["أغنية ", "ليل ", "صدى ", "باب "], &["البحر", "المدينة", "القمر", "الريح", "الغياب"]),
    (&["שיר ", "רוח ", "אור "], &["הים", "הלילה", "הגשם", "החלון"]),
    (&["नीली ", "शांत ", "आख़िरी "], &["रात", "नदी", "हवा", "चिट्ठी"]),
    (&["กลางคืน", "สายฝน", "ดวงดาว"], &["สีคราม", "ที่หายไป", "บนถนน"]),
    (&["Ψίθυροι ", "Νύχτα ", "Φως "], &["του Νότου", "στη θάλασσα", "και σκιά"]),
    (&["👩‍🚀 ", "🏳️‍🌈 ", "👨‍👩‍👧‍👦 ", "🌊"], &["Orbit", "Parade", "Supper Club", "Tides 🐚", "✨"]),
    (&["Ça va, ", "Où est ", "L’été de "], &["Zélie", "François", "la forêt", "Noël"]),
    (&["Z\u{301}a\u{308}", "Vi\u{302}\u{323}t "], &["lgo", "Nam Remixes", "Café"]),
];

/// An artist's name.
pub(in crate::simulator) fn artist(rng: &mut Stream) -> String {
    match rng.random_range(0..100_u32) {
        0..=29 => format!("{} {}", pick(rng, FIRST), pick(rng, LAST)),
        30..=47 => format!("The {} {}", pick(rng, ADJECTIVE), pick(rng, PLURAL)),
        48..=65 => format!("{} {}", pick(rng, ADJECTIVE), pick(rng, NOUN)),
        66..=75 => format!("{} & {}", pick(rng, NOUN), pick(rng, NOUN)),
        76..=83 => format!("{} {}", pick(rng, PLACE), pick(rng, ENSEMBLE)),
        84..=90 => pick(rng, NOUN).to_uppercase(),
        _ => foreign(rng),
    }
}

/// An album's title.
pub(in crate::simulator) fn album(rng: &mut Stream) -> String {
    match rng.random_range(0..100_u32) {
        0..=34 => format!("{} {}", pick(rng, ADJECTIVE), pick(rng, NOUN)),
        35..=54 => format!("{} {}", pick(rng, NOUN), pick(rng, TAIL)),
        55..=69 => format!("The {} {}", pick(rng, NOUN), pick(rng, PLURAL)),
        70..=79 => format!("Songs for {}", pick(rng, PLACE)),
        80..=86 => pick(rng, NOUN).to_owned(),
        87..=91 => format!("{} (Deluxe Edition)", pick(rng, ADJECTIVE)),
        _ => foreign(rng),
    }
}

/// A track's title.
pub(in crate::simulator) fn track(rng: &mut Stream) -> String {
    let mut name = match rng.random_range(0..100_u32) {
        0..=24 => format!("{} {}", pick(rng, ADJECTIVE), pick(rng, NOUN)),
        25..=44 => format!("{} the {}", pick(rng, VERB), pick(rng, NOUN)),
        45..=61 => format!("{} {}", pick(rng, NOUN), pick(rng, TAIL)),
        62..=70 => format!("{} {}", pick(rng, VERB), pick(rng, FIRST)),
        71..=78 => format!("{} {}", pick(rng, PLACE), pick(rng, TAIL)),
        79..=86 => pick(rng, NOUN).to_owned(),
        87..=88 => movement(rng),
        _ => foreign(rng),
    };
    if one_in_hundred(rng, 7) {
        name.push_str(pick(rng, SUFFIX));
    }
    name
}

/// A playlist's name.
pub(in crate::simulator) fn playlist(rng: &mut Stream) -> String {
    match rng.random_range(0..100_u32) {
        0..=49 => format!("{} {}", pick(rng, MOOD), pick(rng, MIX)),
        50..=64 => format!("{} {}", pick(rng, PLACE), rng.random_range(2011..2026_u32)),
        65..=79 => format!("{} {}", pick(rng, MOOD), pick(rng, &["🌙", "☕️", "🏃‍♀️", "🌧️", "🎧", "🚲"])),
        80..=87 => format!("for {}", pick(rng, FIRST).to_lowercase()),
        _ => foreign(rng),
    }
}

/// A podcast's name.
pub(in crate::simulator) fn show(rng: &mut Stream) -> String {
    format!("The {} {}", pick(rng, NOUN), pick(rng, &["Hour", "Papers", "Report", "Conversations", "Files"]))
}

/// A podcast episode's title.
pub(in crate::simulator) fn episode(rng: &mut Stream, number: u32) -> String {
    format!(
        "#{number}: {} {}, with {} {}",
        pick(rng, VERB),
        pick(rng, PLURAL),
        pick(rng, FIRST),
        pick(rng, LAST)
    )
}

/// A person's name.
pub(in crate::simulator) fn person(rng: &mut Stream) -> String {
    format!("{} {}", pick(rng, FIRST), pick(rng, LAST))
}

/// One to three genres.
pub(in crate::simulator) fn genres(rng: &mut Stream) -> Vec<&'static str> {
    let first = crate::simulator::rng::index(rng, GENRES.len());
    let many = rng.random_range(1..=3);
    GENRES.iter().copied().cycle().skip(first).step_by(5).take(many).collect()
}

/// A record label.
pub(in crate::simulator) fn label(rng: &mut Stream) -> &'static str {
    pick(rng, LABELS)
}

fn foreign(rng: &mut Stream) -> String {
    let at = crate::simulator::rng::index(rng, SCRIPTS.len());
    SCRIPTS
        .get(at)
        .map(|(heads, tails)| format!("{}{}", pick(rng, heads), pick(rng, tails)))
        .unwrap_or_default()
}

/// The long kind of title: a movement of a work, with its opus and tempo.
fn movement(rng: &mut Stream) -> String {
    format!(
        "Concerto for {} and Strings in {} Minor, Op. {} “{} {}”: {}. {}",
        pick(rng, &["Hurdy-Gurdy", "Two Kettles", "Viola d’amore", "Theremin", "Glass Harmonica"]),
        pick(rng, &["B-Flat", "C-Sharp", "F", "G"]),
        rng.random_range(2..140_u32),
        pick(rng, ADJECTIVE),
        pick(rng, NOUN),
        pick(rng, &["I", "II", "III", "IV"]),
        pick(
            rng,
            &[
                "Allegro ma non troppo, un poco maestoso",
                "Adagio sostenuto e molto cantabile",
                "Presto – Più mosso"
            ]
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::rng::{Chance, Subject};

    #[test]
    fn a_library_of_names_has_every_script_and_few_repeats() {
        let chance = Chance::new(1);
        let names: Vec<String> = (0..5000).map(|n| track(&mut chance.of(Subject::Track, n))).collect();
        for needed in ['海', '밤', 'Н', 'أ', 'ש', '\u{200d}', 'é', '\u{301}'] {
            assert!(names.iter().any(|name| name.contains(needed)), "no title with {needed:?}");
        }
        assert!(names.iter().any(|name| name.chars().count() > 80));
        assert!(names.iter().all(|name| !name.trim().is_empty()));
        let different: std::collections::HashSet<&String> = names.iter().collect();
        assert!(different.len() > 1500, "only {} different titles", different.len());
    }
}
