//! The screens, in the order of their tabs.

/// The screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// Home, and the engine room behind it.
    Dashboard,
    /// The saved items.
    Library,
    /// Playlists, their contents and their versions.
    Playlists,
    /// The plays.
    Plays,
    /// The statistics.
    Statistics,
    /// The journal.
    Changes,
    /// The runs.
    Runs,
}

impl Screen {
    /// Every screen.
    pub const ALL: [Self; 7] = [
        Self::Dashboard,
        Self::Library,
        Self::Playlists,
        Self::Plays,
        Self::Statistics,
        Self::Changes,
        Self::Runs,
    ];

    /// Its name on its tab.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dashboard => "Home",
            Self::Library => "Library",
            Self::Playlists => "Playlists",
            Self::Plays => "Plays",
            Self::Statistics => "Statistics",
            Self::Changes => "Changes",
            Self::Runs => "Runs",
        }
    }

    /// Its index among the tabs, from 0.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The screen this many tabs to the right; wraps around.
    pub fn further(self, steps: isize) -> Self {
        Self::ALL.get(around(self.index(), steps, Self::ALL.len())).copied().unwrap_or(self)
    }
}

/// This many steps from an index among `count`; wraps around.
pub fn around(from: usize, steps: isize, count: usize) -> usize {
    let [from, count] = [from, count.max(1)].map(|number| isize::try_from(number).unwrap_or(isize::MAX));
    usize::try_from(from.saturating_add(steps).rem_euclid(count)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Screen;

    #[test]
    fn tabs_go_around_in_their_order() {
        for (index, screen) in Screen::ALL.into_iter().enumerate() {
            assert_eq!(screen.index(), index);
            assert_eq!(screen.further(7), screen);
            assert_eq!(screen.further(1).further(-1), screen);
        }
        assert_eq!(Screen::Runs.further(1), Screen::Dashboard);
        assert_eq!(Screen::Dashboard.further(-1), Screen::Runs);
    }
}
