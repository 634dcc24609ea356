//! The user's editor, opened from the dashboard: `$VISUAL`, else `$EDITOR`, else `vi`, by a shell, as other programs do.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use daptop_ui::{Edit, Editor};
use tokio::process::Command;

/// More than this is not read back.
const MOST: u64 = 64 << 20;

/// The way to the user's editor.
pub(super) fn editor() -> Editor {
    Editor::new(|text| Box::pin(edit(text)))
}

/// Lets the user edit a text in a file that only the user can read, and that is gone afterwards.
async fn edit(edit: Edit) -> io::Result<String> {
    let mut file = tempfile::Builder::new().prefix("daptop-").suffix(edit.ending).tempfile()?;
    file.write_all(edit.text.as_bytes())?;
    file.flush()?;
    let command = chosen();
    let status = command_line(&command, file.path()).status().await?;
    if !status.success() {
        return Err(io::Error::other(format!("`{command}` ended with {status}")));
    }
    read_back(&mut file)
}

/// What to start: a line for a shell, as it may have flags.
fn chosen() -> String {
    let set = |name| std::env::var(name).ok().filter(|value: &String| !value.trim().is_empty());
    set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".to_owned())
}

fn command_line(command: &str, file: &Path) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("{command} \"$1\"")).arg("sh").arg(file).kill_on_drop(true);
    shell
}

/// Many editors write a new file in place of the old one; so what is read is the path, not what was opened.
fn read_back(file: &mut tempfile::NamedTempFile) -> io::Result<String> {
    if let Ok(fresh) = std::fs::File::open(file.path()) {
        *file.as_file_mut() = fresh;
    }
    let mut text = String::new();
    file.seek(SeekFrom::Start(0))?;
    file.as_file().take(MOST).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn edited(command: &str, text: &str) -> io::Result<String> {
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(text.as_bytes())?;
        let status = command_line(command, file.path()).status().await?;
        assert!(status.success());
        read_back(&mut file)
    }

    #[tokio::test]
    async fn what_an_editor_leaves_is_read_back_whichever_way_it_writes() {
        let over = "sed -i s/a/b/g";
        let anew = "f() { tr a b <\"$1\" >\"$1.new\" && mv \"$1.new\" \"$1\"; }; f";
        for command in [over, anew] {
            assert_eq!(edited(command, "a cat").await.unwrap(), "b cbt", "{command}");
        }
    }
}
