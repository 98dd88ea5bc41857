//! A disk that fills up, breaks off in the middle of a write, or fails to sync, below the real `SQLite`.
//!
//! Owns: the layer between `SQLite` and the file system (a VFS, <https://sqlite.org/vfs.html>), which passes everything
//! on to the layer below it except for the writes that a story lets fail. Must not know: who writes, and what.

#![allow(
    unsafe_code,
    reason = "SQLite calls its file system through C functions; no crate offers this layer with a log"
)]

use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Arc, LazyLock, Mutex, RwLock, Weak};

use libsqlite3_sys as ffi;
use serde::{Deserialize, Serialize};

/// How a disk fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiskFault {
    /// There is no room for what is written.
    Full,
    /// The first half is written, and then the device fails.
    ShortWrite,
    /// What was written cannot be made durable.
    FailingSync,
}

/// From which write on it fails, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiskTrouble {
    pub fault: DiskFault,
    /// Writes (or syncs) that still succeed.
    pub after: u32,
    /// Writes (or syncs) that fail then.
    pub count: u32,
}

/// The disk of one story.
#[derive(Default)]
pub struct Disk {
    trouble: Mutex<Option<DiskTrouble>>,
    failed: Mutex<u64>,
}

impl Disk {
    /// The disk on which everything in this folder lies.
    pub fn of(folder: &Path) -> Arc<Self> {
        LazyLock::force(&LAYER);
        let disk = Arc::<Self>::default();
        DISKS.write().unwrap().insert(folder.to_owned(), Arc::downgrade(&disk));
        disk
    }

    pub fn begins_to_fail(&self, trouble: DiskTrouble) {
        *self.trouble.lock().unwrap() = Some(trouble);
    }

    /// Whether a call that comes now may fail.
    pub fn may_fail(&self) -> bool {
        self.trouble.lock().unwrap().is_some()
    }

    /// The disk is well again; tells how many calls failed since it was asked last.
    pub fn recovers(&self) -> u64 {
        *self.trouble.lock().unwrap() = None;
        std::mem::take(&mut *self.failed.lock().unwrap())
    }

    /// Whether this call fails, and how.
    fn call(&self, is_sync: bool) -> Option<DiskFault> {
        let mut trouble = self.trouble.lock().unwrap();
        let current = trouble.as_mut()?;
        if is_sync != (current.fault == DiskFault::FailingSync) {
            return None;
        }
        if current.after > 0 {
            current.after -= 1;
            return None;
        }
        let fault = current.fault;
        current.count -= 1;
        if current.count == 0 {
            *trouble = None;
        }
        *self.failed.lock().unwrap() += 1;
        Some(fault)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        DISKS.write().unwrap().retain(|_, disk| disk.strong_count() > 0);
    }
}

/// The disks by their folder, and those of the files that are open by the address that `SQLite` gave each.
static DISKS: LazyLock<RwLock<HashMap<PathBuf, Weak<Disk>>>> = LazyLock::new(RwLock::default);
static OPEN: LazyLock<RwLock<HashMap<usize, Arc<Disk>>>> = LazyLock::new(RwLock::default);

/// The functions of a file with those of the layer below behind them.
#[repr(C)]
struct Methods {
    ours: ffi::sqlite3_io_methods,
    below: *const ffi::sqlite3_io_methods,
}

/// The layer below.
struct Layer(*mut ffi::sqlite3_vfs);

// SAFETY: it is only read, and lives as long as the process.
unsafe impl Send for Layer {}
// SAFETY: as above.
unsafe impl Sync for Layer {}

/// Stands above the system's own layer from its first use on.
static LAYER: LazyLock<Layer> = LazyLock::new(|| {
    // SAFETY: SQLite initialises itself in these calls, the name is a C string that lives for ever, and so does the
    // copy of the system's layer that is registered.
    unsafe {
        assert_eq!(ffi::sqlite3_initialize(), ffi::SQLITE_OK);
        let below = ffi::sqlite3_vfs_find(ptr::null());
        let mut above = *below;
        above.zName = c"unkind".as_ptr();
        above.pNext = ptr::null_mut();
        above.xOpen = Some(open);
        assert_eq!(ffi::sqlite3_vfs_register(Box::into_raw(Box::new(above)), 1), ffi::SQLITE_OK);
        Layer(below)
    }
});

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let below = LAYER.0;
    // SAFETY: the arguments are those that SQLite made for a layer that is a copy of the one below.
    unsafe {
        let code = (*below).xOpen.unwrap()(below, name, file, flags, out);
        if code == ffi::SQLITE_OK
            && !name.is_null()
            && let Some(disk) = disk_of(CStr::from_ptr(name))
        {
            OPEN.write().unwrap().insert(file as usize, disk);
            let methods = (*file).pMethods;
            let ours = ffi::sqlite3_io_methods {
                xWrite: Some(write),
                xSync: Some(sync),
                xClose: Some(close),
                ..*methods
            };
            (*file).pMethods = Box::into_raw(Box::new(Methods { ours, below: methods })).cast();
        }
        code
    }
}

fn disk_of(name: &CStr) -> Option<Arc<Disk>> {
    let folder = Path::new(name.to_str().ok()?).parent()?;
    DISKS.read().unwrap().get(folder)?.upgrade()
}

/// How the call fails, if it does.
fn fails(file: *mut ffi::sqlite3_file, is_sync: bool) -> Option<DiskFault> {
    OPEN.read().unwrap().get(&(file as usize)).and_then(|disk| disk.call(is_sync))
}

/// # Safety
///
/// The file was opened by `open`.
unsafe fn below(file: *mut ffi::sqlite3_file) -> *const ffi::sqlite3_io_methods {
    // SAFETY: `open` gave the file these methods.
    unsafe { (*(*file).pMethods.cast::<Methods>()).below }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    data: *const c_void,
    length: c_int,
    at: i64,
) -> c_int {
    let fault = fails(file, false);
    // SAFETY: the arguments are passed on as they came, or with a smaller length.
    unsafe {
        let write = (*below(file)).xWrite.unwrap();
        match fault {
            None => write(file, data, length, at),
            Some(DiskFault::ShortWrite) => {
                write(file, data, length / 2, at);
                ffi::SQLITE_IOERR_WRITE
            }
            Some(_) => ffi::SQLITE_FULL,
        }
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    if fails(file, true).is_some() {
        return ffi::SQLITE_IOERR_FSYNC;
    }
    // SAFETY: the arguments are passed on as they came.
    unsafe { (*below(file)).xSync.unwrap()(file, flags) }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    OPEN.write().unwrap().remove(&(file as usize));
    // SAFETY: the file gets back the methods that it had before `open` replaced them, which nobody else holds.
    unsafe {
        let methods = Box::from_raw((*file).pMethods.cast::<Methods>().cast_mut());
        (*file).pMethods = methods.below;
        (*methods.below).xClose.unwrap()(file)
    }
}
