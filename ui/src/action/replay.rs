//! What can be done with a call: send it again, compare it, copy it.

/// What can be done with the selected call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReplayAction {
    /// Send it again as it was; after digits so often.
    Send,
    /// Send once more what was sent last, changes included.
    Again,
    /// Change it first, in place.
    Edit,
    /// Change it first, in the user's editor.
    EditOutside,
    /// Forget the changes: back to the original text.
    Original,
    /// Mark it, to be compared with another one.
    Mark,
    /// Show what differs between it and the marked one, or between it and its original or its replay.
    Compare,
    /// Go to the call that it repeats, or to its newest replay.
    Other,
    /// Choose what of it to copy.
    Copy,
    /// Copy this of it.
    CopyAs(CopyAs),
    /// Choose from what can be done here.
    Actions,
    /// Send all calls again that are listed, after a question.
    SendListed,
    /// List the calls that came of it.
    ListSent,
    /// Yes to this question, and to all further ones of its kind.
    Always,
}

/// What is copied of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CopyAs {
    /// A command line for curl, secrets masked.
    Curl,
    /// A command line for curl, secrets included.
    WholeCurl,
    /// The address at the caller's sidecar.
    Url,
    /// The request's body.
    RequestBody,
    /// The answer's body.
    ResponseBody,
    /// Everything as JSON, secrets masked.
    Json,
    /// Everything as JSON, secrets included.
    WholeJson,
    /// What differs from the call that it is compared with.
    Difference,
}

/// What can be done while a request is changed in place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FormAction {
    /// Send what is written.
    Send,
    /// Go on in the user's editor.
    Outside,
    /// Back to the original text.
    Original,
    /// Begin a new line.
    NewLine,
    /// Remove the character under the cursor.
    Delete,
    /// Remove what is behind the cursor in its line.
    Cut,
    /// One character to the left.
    Left,
    /// One character to the right.
    Right,
    /// To the beginning of the line.
    Begin,
    /// To the end of the line.
    End,
}

/// What can be done while two calls are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DiffAction {
    /// Show what is the same, or hide it.
    Same,
    /// Compare with the next replay of the same call.
    Next,
    /// Compare with the replay before.
    Previous,
}
