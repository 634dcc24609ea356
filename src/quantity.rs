//! Quantities as Kubernetes writes them: `4Mi`, `100k`, `1.5Gi`, `1e3`.

/// Why a text is no quantity, in the words of Kubernetes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum QuantityError {
    /// It does not have the form of one.
    #[error("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    Form,
    /// Its unit does not exist.
    #[error("unable to parse quantity's suffix")]
    Suffix,
}

/// Reads a quantity; fractions are rounded up, as Kubernetes does, and what is too large becomes the largest number.
pub(crate) fn parse(text: &str) -> Result<i64, QuantityError> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (digits, suffix) = unsigned.split_at(end);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return Err(QuantityError::Form);
    }
    let (base, exponent) = scale(suffix)?;
    let number: f64 = format!("0{whole}.{fraction}0").parse().map_err(|_| QuantityError::Form)?;
    let size = number * f64::from(base).powi(exponent);
    let signed = if text.starts_with('-') { -size } else { size };
    // Away from zero: half a byte is a byte.
    Ok(if signed < 0.0 { signed.floor() } else { signed.ceil() } as i64)
}

/// The base and exponent of a unit.
fn scale(suffix: &str) -> Result<(u16, i32), QuantityError> {
    Ok(match suffix {
        "" => (10, 0),
        "n" => (10, -9),
        "u" => (10, -6),
        "m" => (10, -3),
        "k" => (10, 3),
        "M" => (10, 6),
        "G" => (10, 9),
        "T" => (10, 12),
        "P" => (10, 15),
        "E" => (10, 18),
        "Ki" => (1024, 1),
        "Mi" => (1024, 2),
        "Gi" => (1024, 3),
        "Ti" => (1024, 4),
        "Pi" => (1024, 5),
        "Ei" => (1024, 6),
        _ => {
            let allowed = |c: char| "eEinumkKMGTP+-".contains(c) || c.is_ascii_digit();
            if !suffix.chars().all(allowed) {
                return Err(QuantityError::Form);
            }
            let exponent = suffix.strip_prefix(['e', 'E']).ok_or(QuantityError::Suffix)?;
            (10, exponent.parse::<i8>().map_err(|_| QuantityError::Suffix)?.into())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_as_kubernetes_reads_them() {
        for (text, expected) in [
            ("4Mi", 4 << 20),
            ("4Ki", 4096),
            ("1.5Ki", 1536),
            ("100", 100),
            ("100k", 100_000),
            ("2M", 2_000_000),
            ("1Gi", 1 << 30),
            ("1e3", 1000),
            ("1E3", 1000),
            ("12e-1", 2),
            ("-1", -1),
            ("+1", 1),
            (".5", 1),
            ("5.", 5),
            ("1m", 1),
            ("0", 0),
            ("99999E", i64::MAX),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
        for text in ["", "-", ".", "abc", "4 Mi", "1.2.3", "Mi", "4Mö", "4MB"] {
            assert_eq!(parse(text), Err(QuantityError::Form), "{text}");
        }
        for text in ["4mi", "4KM", "1e", "1e999", "4ki"] {
            assert_eq!(parse(text), Err(QuantityError::Suffix), "{text}");
        }
    }
}
