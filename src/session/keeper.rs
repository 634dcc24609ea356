//! Files for what the dashboard copies and the clipboard does not take.

use std::io::{self, Write};

use daptop_ui::Keeper;

/// The way to a file of its own in the temporary folder, which only the user can read, and which stays.
pub(super) fn keeper() -> Keeper {
    Keeper::new(|text| keep(text, &std::env::temp_dir()))
}

fn keep(text: &str, folder: &std::path::Path) -> io::Result<String> {
    let mut file = tempfile::Builder::new().prefix("daptop-copy-").suffix(".txt").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    let (_, path) = file.keep().map_err(|error| error.error)?;
    Ok(path.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_kept_stays_and_is_for_the_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["one", "two"].map(|text| keep(text, folder.path()).unwrap());
        assert_eq!(paths.clone().map(|path| std::fs::read_to_string(path).unwrap()), ["one", "two"]);
        let mode = std::fs::metadata(&paths[0]).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
