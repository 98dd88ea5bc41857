//! Opens a web browser, if a person could see it.

/// Opens an address, or returns the reason in one sentence.
pub fn open(address: &str) -> Result<(), String> {
    if std::env::var_os("SSH_CONNECTION").is_some() {
        return Err("there is no browser on this side of ssh; press y to copy the uri".to_owned());
    }
    // Without a desktop, a terminal browser would be tried, in the middle of the screen.
    let has_desktop = cfg!(target_os = "macos")
        || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if !has_desktop {
        return Err("there is no browser here; press y to copy the uri".to_owned());
    }
    webbrowser::open(address)
        .map_err(|error| format!("cannot open a browser ({error}); press y to copy the uri"))
}
