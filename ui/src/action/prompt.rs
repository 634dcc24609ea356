//! What can be done while a line is typed.

/// What can be done while a line is typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PromptAction {
    /// One character to the left.
    Left,
    /// One character to the right.
    Right,
    /// To the beginning.
    First,
    /// To the end.
    Last,
    /// Remove the word before the cursor.
    EraseWord,
    /// Remove everything.
    Clear,
    /// Write the next word that fits in place of the one before the cursor.
    Complete,
    /// Write the word that fits before that one.
    CompleteBack,
    /// Write the line in the user's editor.
    Write,
}
