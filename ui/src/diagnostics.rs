//! daptop's own diagnostics, on their way from `tracing` to the log screen.

use tui_logger::TuiTracingSubscriberLayer;

/// The layer that shows diagnostics on the log screen; to be added to the process's subscriber where a dashboard opens.
/// They are kept in a ring of bounded size. `level` is the least that is kept, as `tracing` names it.
pub fn diagnostics_layer(level: tracing::Level) -> TuiTracingSubscriberLayer {
    let level = match level {
        tracing::Level::ERROR => tui_logger::LevelFilter::Error,
        tracing::Level::WARN => tui_logger::LevelFilter::Warn,
        tracing::Level::INFO => tui_logger::LevelFilter::Info,
        tracing::Level::DEBUG => tui_logger::LevelFilter::Debug,
        tracing::Level::TRACE => tui_logger::LevelFilter::Trace,
    };
    // Fails only where a logger is set already, which then gets the lines instead.
    drop(tui_logger::init_logger(level));
    tui_logger::set_default_level(level);
    TuiTracingSubscriberLayer
}
