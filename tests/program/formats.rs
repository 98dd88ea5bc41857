//! Files as people have them: exports in every wrapping, and what is no file at all.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

use super::bad_input::assert_sentence;
use super::support::{BINARY, Ended, Home, ended};

/// Rows of one day, from a minute on.
fn rows(from: usize, count: usize) -> Vec<Value> {
    let row = |number: usize| {
        let at = chrono::DateTime::from_timestamp(1_700_000_000 + 600 * i64::try_from(number).unwrap(), 0)
            .unwrap();
        json!({
            "ts": at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), "ms_played": 199_000,
            "spotify_track_uri": format!("spotify:track:{number}"), "master_metadata_track_name": "Jóga",
            "master_metadata_album_artist_name": "Björk",
        })
    };
    (from..from + count).map(row).collect()
}

fn list(from: usize, count: usize) -> String {
    Value::from(rows(from, count)).to_string()
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn nowhere() -> Home {
    Home::at("http://127.0.0.1:9")
}

async fn import(home: &Home, path: &Path) -> Ended {
    ended(home.anonymous(&["import", "--json", &path.display().to_string()])).await
}

async fn stored(home: &Home) -> u64 {
    home.query("select count(*) as n from v_plays").await[0]["n"].as_u64().unwrap()
}

/// The command in a shell that gives it so many kilobytes of address space.
fn within(kilobytes: u32, command: &Command) -> Command {
    let mut limited = Command::new("sh");
    limited.arg("-c").arg(format!("ulimit -v {kilobytes}; exec \"$0\" \"$@\"")).arg(BINARY);
    limited.args(command.get_args()).env_clear();
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    // Else each thread reserves 64 MB for a heap of its own.
    limited
        .env("MALLOC_ARENA_MAX", "1")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    limited
}

#[tokio::test]
async fn one_folder_with_every_wrapping_is_all_of_its_rows() {
    let home = nowhere();
    let folder = home.dir.path().join("exports");
    std::fs::create_dir_all(folder.join("1/2/3/4/5/6/7/8/9/10")).unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    write("bom.json", format!("\u{feff}{}", list(0, 5)).as_bytes());
    let utf16: Vec<u8> =
        format!("\u{feff}{}", list(5, 5)).encode_utf16().flat_map(u16::to_le_bytes).collect();
    write("utf16.json", &utf16);
    let lines: Vec<String> = rows(10, 5).iter().map(ToString::to_string).collect();
    write("lines.jsonl", (lines.join("\r\n") + "\r\n").as_bytes());
    write("joined.json", format!("{}{}", list(15, 5), list(20, 5)).as_bytes());
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(list(25, 5).as_bytes()).unwrap();
    write("packed.json.gz", &gz.finish().unwrap());
    let inner = zipped(&[("MyData\\endsong_1.json", list(30, 5).as_bytes())]);
    write(
        "both.zip",
        &zipped(&[("my_spotify_data (1).zip", &inner), ("endsong.json", list(35, 5).as_bytes())]),
    );
    write("1/2/3/4/5/6/7/8/9/10/deep.json", list(40, 5).as_bytes());
    let latin1: Vec<u8> = list(45, 1).chars().map(|letter| u8::try_from(letter).unwrap()).collect();
    write("latin1.json", &[&latin1[..latin1.len() - 1], b",", &list(46, 4).as_bytes()[1..]].concat());
    let mut tar = vec![b'x'; 1024];
    tar[257..262].copy_from_slice(b"ustar");
    write("old.tar", &tar);

    let told = import(&home, &folder).await;
    assert_eq!((told.status, told.stderr.as_str()), (0, ""), "{told:?}");
    let report: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(
        (report["total"]["stored"].as_u64(), report["total"]["rejected"].as_u64()),
        (Some(49), Some(1))
    );
    assert_eq!(stored(&home).await, 49);
    let files = report["files"].as_array().unwrap();
    let latin1 = files.iter().find(|file| file["file"].as_str().unwrap().ends_with("latin1.json")).unwrap();
    let reason = json!([{ "why": "has bytes that are not UTF-8", "rows": 1, "first_row": 1 }]);
    assert_eq!(latin1["reasons"], reason);
    assert_eq!(report["skipped"].as_array().unwrap().len(), 1, "{report}");

    let again = ended(home.anonymous(&["import", &folder.display().to_string()])).await;
    assert!(again.stdout.contains("latin1.json: 5 rows, 0 new, 4 already known, 1 rejected"), "{again:?}");
    assert!(again.stdout.contains("  row 1 has bytes that are not UTF-8"), "{again:?}");
    assert!(again.stdout.contains("old.tar: skipped, it is a tar archive; unpack it"), "{again:?}");
}

#[tokio::test]
async fn no_file_takes_more_memory_than_its_rows_may_have() {
    let home = nowhere();
    let name = |length: usize| "n".repeat(length);
    let with = |from: usize, count: usize, field: &str, length: usize| {
        let mut rows = rows(from, count);
        for (number, row) in rows.iter_mut().enumerate() {
            row[field] = format!("{number}{}", name(length)).into();
        }
        Value::from(rows).to_string()
    };
    let path = home.dir.path().join("exports");
    std::fs::create_dir(&path).unwrap();
    let texts = [
        with(0, 10, "username", 980_000),
        with(1_000, 150, "mood", 980_000),
        with(2_000, 5_000, "episode_name", 4_000),
        list(30_000, 10),
    ];
    for (number, text) in texts.iter().enumerate() {
        std::fs::write(path.join(format!("endsong_{number}.json")), text).unwrap();
    }
    let command = home.anonymous(&["import", "--json", &path.display().to_string()]);
    let told = ended(within(500_000, &command)).await;
    assert_eq!(told.status, 0, "{told:?}");
    let report: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(report["total"]["stored"], 5_010);
    assert_eq!(report["total"]["rejected"], 160);
}

/// Statistics add up a month at a time: here one of thousands of songs with long names and no uri.
#[tokio::test]
async fn a_month_of_long_names_takes_no_more_memory_than_another() {
    let home = nowhere();
    let mut rows = rows(0, 8_000);
    for (second, row) in (1_704_067_200_i64..).zip(&mut rows) {
        let at = chrono::DateTime::from_timestamp(second, 0).unwrap();
        row["ts"] = at.format("%Y-%m-%dT%H:%M:%SZ").to_string().into();
        row["spotify_track_uri"] = Value::Null;
        row["master_metadata_track_name"] = format!("{second}{}", "n".repeat(3_900)).into();
    }
    let path = home.dir.path().join("endsong_0.json");
    std::fs::write(&path, Value::from(rows).to_string()).unwrap();
    let told = ended(within(500_000, &home.anonymous(&["import", &path.display().to_string()]))).await;
    assert_eq!(told.status, 0, "{told:?}");
    assert_eq!(stored(&home).await, 8_000);
}

#[tokio::test]
async fn what_is_no_file_is_a_sentence_and_nothing_waits() {
    let home = nowhere();
    let pipe = home.dir.path().join("pipe.json");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
    for (path, what) in [(pipe.as_path(), "is a pipe"), (Path::new("/dev/zero"), "is a device")] {
        assert_sentence(&import(&home, path).await, 1, &[what, "name a file"]);
    }
    let with_config = |path: &Path| {
        let mut command = home.anonymous(&["config", "--check"]);
        command.env("PHONOLOG_CONFIG", path);
        within(400_000, &command)
    };
    let large = home.dir.path().join("large.toml");
    let keys: Vec<String> = (0..6_000_000).map(|number| format!("key{number} = {number}")).collect();
    std::fs::write(&large, keys.join("\n")).unwrap();
    let cases: [(PathBuf, &str); 4] = [
        (pipe.clone(), "it is a pipe, not a file"),
        (PathBuf::from("/dev/zero"), "it is a device, not a file"),
        (home.dir.path().to_owned(), "it is a folder, not a file"),
        (large, "it is larger than 256 kB"),
    ];
    for (path, what) in cases {
        assert_sentence(&ended(with_config(&path)).await, 1, &[what, path.to_str().unwrap()]);
    }
    for theme in ["/dev/zero", pipe.to_str().unwrap()] {
        home.configure(&format!("[ui]\ntheme = \"{theme}\"\n"));
        let told = ended(within(400_000, &home.anonymous(&["config", "--check"]))).await;
        assert_sentence(&told, 1, &["theme", "not a file"]);
    }
}

/// Zero bytes are no rows; a gigabyte of them takes longer to read than a signal to be heard.
#[tokio::test]
async fn an_import_hears_a_signal_while_nothing_comes_of_a_file() {
    let home = nowhere();
    let path = home.dir.path().join("endsong_0.json");
    let mut file = std::fs::File::create(&path).unwrap();
    write!(file, "[{}", rows(0, 1)[0]).unwrap();
    file.set_len(900 << 20).unwrap();
    let mut command = home.anonymous(&["import", &path.display().to_string()]);
    command.process_group(0);
    let child = command.spawn().unwrap();
    let deadline = std::time::Instant::now() + super::terminal::PATIENCE;
    // The database is opened after signals are caught.
    while !home.database().exists() {
        assert!(std::time::Instant::now() < deadline, "no import began");
        tokio::task::yield_now().await;
    }
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT)
        .unwrap();
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(
        !String::from_utf8_lossy(&output.stderr).contains("is incomplete"),
        "it was not read to its end: {output:?}"
    );
}
