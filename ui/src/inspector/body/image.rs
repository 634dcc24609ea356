//! Images: what can be said of them on a terminal.

use imagesize::ImageType;

use super::hex;
use crate::format;
use crate::inspector::document::{Class, Writer};

/// Whether bytes begin as those of an image do.
pub(super) fn is_image(bytes: &[u8]) -> bool {
    imagesize::image_type(bytes).is_ok()
}

/// Writes the facts of an image, and its bytes, folded.
pub(super) fn write(writer: &mut Writer, bytes: &[u8]) {
    let name = imagesize::image_type(bytes).map_or("image", name);
    let size = imagesize::blob_size(bytes).ok().map(|size| format!("{} × {} pixels", size.width, size.height));
    let facts = [name.to_owned(), size.unwrap_or_else(|| "size unknown".to_owned()), format::bytes(bytes.len() as u64)];
    writer.line(Class::Text, &[], &facts.join("  "));
    writer.line(Class::Title, &[], "its bytes");
    writer.open_folded();
    hex::write(writer, bytes);
    writer.close();
}

fn name(kind: ImageType) -> &'static str {
    match kind {
        ImageType::Bmp => "BMP image",
        ImageType::Gif => "GIF image",
        ImageType::Heif(_) => "HEIF image",
        ImageType::Ico => "icon",
        ImageType::Jpeg => "JPEG image",
        ImageType::Jxl => "JPEG XL image",
        ImageType::Png => "PNG image",
        ImageType::Tiff => "TIFF image",
        ImageType::Webp => "WebP image",
        _ => "image",
    }
}
