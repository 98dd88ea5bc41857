//! Archives and folders.

use super::*;

#[test]
fn an_archive_is_read_by_the_names_of_its_files_and_without_leftovers() {
    let dir = tempfile::tempdir().unwrap();
    let rows = format!("[{ROW}]");
    let path = archive(
        &dir,
        &[
            ("Spotify Extended Streaming History/Streaming_History_Audio_2024_1.JSON", &rows),
            ("Spotify Extended Streaming History/ReadMeFirst.pdf", "%PDF"),
            ("__MACOSX/Streaming_History_Audio_2024_1.json", &rows),
            ("MyData/._endsong_0.json", &rows),
            ("MyData/endsong_0.json", &format!("[{ROW},{ROW}]")),
            ("MyData/YourLibrary.json", "{}"),
            ("../../etc/StreamingHistory0.json", &rows),
        ],
    );
    let seen = seen(&path).unwrap();
    assert_eq!(seen.rows.len(), 3);
    assert_eq!(seen.endings.len(), 2);
    assert_eq!(seen.skipped, ["has a path outside its archive", "is not a listening history"]);
}

#[test]
fn a_broken_archive_is_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let path = archive(&dir, &[("endsong_0.json", &format!("[{}]", [ROW; 50].join(",")))]);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let error = seen(&path).err().unwrap().to_string();
    assert!(error.contains("is not a complete zip file"), "{error}");

    // The directory at its end is there, but the data are not.
    let mut spoiled = whole;
    spoiled[60..120].fill(0xff);
    fs::write(&path, &spoiled).unwrap();
    let seen = seen(&path).unwrap();
    assert!(seen.endings.iter().any(|ending| ending.broken.is_some()) || !seen.skipped.is_empty());
}

#[test]
fn what_is_packed_in_another_way_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let path = archive(&dir, &[("endsong_0.json", &format!("[{ROW}]"))]);
    let mut bytes = fs::read(&path).unwrap();
    // The method is 8 bytes into a file's header, and 10 into the directory's entry; 12 is bzip2.
    let entry = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    (bytes[8], bytes[entry + 10]) = (12, 12);
    fs::write(&path, &bytes).unwrap();
    let why = seen(&path).unwrap().endings.remove(0).broken.unwrap();
    assert!(why.starts_with("cannot be unpacked here (") && why.contains("import its folder"), "{why}");
}

#[test]
fn a_claim_of_four_gigabytes_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let path = archive(&dir, &[("endsong_0.json", &format!("[{ROW}]"))]);
    let mut bytes = fs::read(&path).unwrap();
    // The uncompressed size is 24 bytes into the directory's entry.
    let entry = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    bytes[entry + 24..entry + 28].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    fs::write(&path, &bytes).unwrap();
    assert_eq!(seen(&path).unwrap().rows.len(), 1);
}

#[test]
fn a_folder_is_read_whole_and_links_are_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.json"), format!("[{ROW}]")).unwrap();
    fs::create_dir(dir.path().join("deeper")).unwrap();
    fs::write(dir.path().join("deeper/endsong_0.json"), format!("[{ROW}]")).unwrap();
    fs::write(dir.path().join("notes.txt"), "x").unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.json"), dir.path().join("link.json")).unwrap();
    std::os::unix::fs::symlink(outside.path(), dir.path().join("out")).unwrap();
    let control = ReadControl::default();
    super::read(dir.path(), &control, &mut |_| true).unwrap();
    assert_eq!(weigh(dir.path()), ROW.len() as u64 + 2);
    assert_eq!(control.bytes.into_inner(), weigh(dir.path()), "of what is to be read everything was");
    let seen = seen(dir.path()).unwrap();
    assert_eq!(
        (seen.rows.len(), seen.skipped),
        (1, vec!["is a symbolic link; links are not followed".to_owned()])
    );
    assert!(super::read(Path::new("/nonexistent"), &ReadControl::default(), &mut |_| true).is_err());
}

#[test]
fn archives_in_archives_are_read_and_bombs_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let zipped = |files: &[(&str, &[u8])]| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let list = |minute: u32| format!("[{}]", row_at(minute)).into_bytes();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&list(4)).unwrap();
    let mut deep = zipped(&[("endsong_9.json", &list(9))]);
    for _ in 0..4 {
        deep = zipped(&[("again.zip", &deep)]);
    }
    let outer = zipped(&[
        ("a.zip", &zipped(&[("MyData\\endsong_1.json", &list(1)), ("endsong_2.JSON", &list(2))])),
        ("b/c.ZIP", &zipped(&[("d.zip", &zipped(&[("endsong_3.jsonl", &list(3))]))])),
        ("deep.zip", &deep),
        ("endsong_4.json.gz", &gz.finish().unwrap()),
        ("old.tar", &{
            let mut tar = vec![b'x'; 512];
            tar[257..262].copy_from_slice(b"ustar");
            tar
        }),
        ("torn.zip", &zipped(&[("endsong_5.json", &list(5))])[..40]),
        ("z.json", &list(6)),
    ]);
    let path = dir.path().join("all.zip");
    fs::write(&path, outer).unwrap();
    let seen = seen(&path).unwrap();
    assert_eq!(ends(&seen), [1, 2, 3, 4, 6]);
    assert!(seen.skipped.iter().any(|why| why == "is nested in more than 3 archives"), "{:?}", seen.skipped);
    assert!(seen.skipped.iter().any(|why| why.starts_with("is a tar archive")), "{:?}", seen.skipped);
    let broken: Vec<_> = seen.endings.iter().filter_map(|ending| ending.broken.as_deref()).collect();
    assert!(
        matches!(broken.as_slice(), [why] if why.starts_with("is not a complete zip file")),
        "{broken:?}"
    );
}

#[test]
fn an_archive_with_more_files_than_any_export_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("many.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for number in 0..20_002 {
        zip.start_file(format!("{number}.json"), SimpleFileOptions::default()).unwrap();
    }
    zip.finish().unwrap();
    let why = seen(&path).err().unwrap().to_string();
    assert!(why.contains("more than 20000 files"), "{why}");

    // Names alone that would fill the memory.
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for number in 0..100 {
        zip.start_file(format!("{number:060000}.json"), SimpleFileOptions::default()).unwrap();
    }
    zip.finish().unwrap();
    let why = seen(&path).err().unwrap().to_string();
    assert!(why.contains("its directory of files is too large"), "{why}");
}

#[test]
fn folders_are_followed_as_deep_as_people_have_them_and_what_is_left_out_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let deep = |depth: usize| (0..depth).fold(dir.path().to_owned(), |path, n| path.join(n.to_string()));
    fs::create_dir_all(deep(70)).unwrap();
    for (depth, minute) in [(9, 1), (60, 2), (70, 3)] {
        fs::write(deep(depth).join("endsong_0.json"), format!("[{}]", row_at(minute))).unwrap();
    }
    rustix::fs::mkfifoat(rustix::fs::CWD, dir.path().join("pipe.json"), rustix::fs::Mode::RUSR).unwrap();
    let found = seen(dir.path()).unwrap();
    assert_eq!(ends(&found), [1, 2]);
    assert_eq!(found.skipped, ["is nested in more than 64 folders", "is a pipe, not a file"]);
    let error = seen(&dir.path().join("pipe.json")).err().unwrap().to_string();
    assert!(
        error.ends_with("it is a pipe, not a file); name a file, or save the input to a file first"),
        "{error}"
    );
    assert!(seen(Path::new("/dev/zero")).err().unwrap().to_string().contains("it is a device"));
}
