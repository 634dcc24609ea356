//! What files say that the user named.

use std::path::Path;
use std::sync::Arc;

use daptop_model::SchemaPlace;
use prost_reflect::DescriptorPool;
use protox::Compiler;

use crate::{ProtoFile, ProtoForm};

/// Reads a file, and all that it imports; and tells how others find the same. The error says what is wrong, and in which
/// line.
pub(super) fn read(file: &ProtoFile) -> Result<(DescriptorPool, SchemaPlace), String> {
    match file.form {
        ProtoForm::Source => compile(file),
        ProtoForm::DescriptorSet => Ok((decode(&file.path)?, SchemaPlace::DescriptorSet { path: text(&file.path) })),
    }
}

fn text(path: &Path) -> Arc<str> {
    path.to_string_lossy().into()
}

fn compile(file: &ProtoFile) -> Result<(DescriptorPool, SchemaPlace), String> {
    // An import is looked for beside the file, and then in each folder above it, up to the one that has the app in it.
    let folder = file.path.parent().unwrap_or(&file.root);
    let highest = folder.ancestors().position(|above| file.root.starts_with(above)).unwrap_or_default();
    let roots: Vec<&Path> = folder.ancestors().take(highest + 1).collect();
    // Written for who debugs, an error tells its place: `greeter.proto:7:3: expected ';'`.
    let mut compiler = Compiler::new(roots.iter()).map_err(|error| format!("{error:?}"))?;
    compiler.include_imports(true);
    compiler.open_file(&file.path).map_err(|error| format!("{error:?}"))?;
    let pool = compiler.descriptor_pool();
    let has = |root: &&Path, name: &str| root.join(name).is_file();
    let used = |root: &&Path| pool.files().any(|file| roots.iter().find(|root| has(root, file.name())) == Some(root));
    let folders = roots.iter().copied().filter(used).map(text).collect();
    let name = file.path.file_name().map_or(file.path.as_path(), Path::new);
    Ok((pool.clone(), SchemaPlace::Source { folders, name: text(name) }))
}

fn decode(path: &Path) -> Result<DescriptorPool, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let mut pool = DescriptorPool::global();
    let decoded = pool.decode_file_descriptor_set(&bytes[..]);
    decoded.map_err(|error| format!("{} is no FileDescriptorSet: {error}", path.display()))?;
    Ok(pool)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use prost::Message as _;
    use tempfile::TempDir;

    use super::*;

    const GREETER: &str = "syntax = \"proto3\";\npackage greet;\nimport \"common/name.proto\";\n\
        import \"google/protobuf/timestamp.proto\";\nmessage Hello { common.Name name = 1; google.protobuf.Timestamp at = 2; }\n\
        service Greeter { rpc Say(Hello) returns (Hello); }\n";
    const NAME: &str = "syntax = \"proto3\";\npackage common;\nmessage Name { string text = 1; }\n";

    /// An app with `protos/greet/greeter.proto`, and what it imports in the folder above.
    fn app() -> (TempDir, ProtoFile) {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("protos");
        for (name, text) in [("greet/greeter.proto", GREETER), ("common/name.proto", NAME)] {
            fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
            fs::write(folder.join(name), text).unwrap();
        }
        let path = folder.join("greet/greeter.proto");
        let file = ProtoFile { path, form: ProtoForm::Source, root: root.path().to_owned() };
        (root, file)
    }

    #[test]
    fn imports_are_found_in_the_folders_above_and_well_known_types_are_built_in() {
        let (root, file) = app();
        let (pool, place) = read(&file).unwrap();
        assert!(pool.get_service_by_name("greet.Greeter").is_some());
        let folders = ["protos/greet", "protos"].map(|name| text(&root.path().join(name))).to_vec();
        assert_eq!(
            place,
            SchemaPlace::Source { folders, name: "greeter.proto".into() },
            "no folder that is not needed"
        );
        let set = prost_types::FileDescriptorSet { file: pool.file_descriptor_protos().cloned().collect() };
        let path = root.path().join("greeter.binpb");
        fs::write(&path, set.encode_to_vec()).unwrap();
        let set = ProtoFile { path, form: ProtoForm::DescriptorSet, root: root.path().to_owned() };
        let (pool, place) = read(&set).unwrap();
        assert!(pool.get_service_by_name("greet.Greeter").is_some());
        assert_eq!(place, SchemaPlace::DescriptorSet { path: text(&set.path) });
        let beside = ProtoFile { root: root.path().join("server"), ..file.clone() };
        assert!(read(&beside).is_ok(), "it need not be in the app's folder");
        let too_low = ProtoFile { root: file.path.parent().unwrap().to_owned(), ..file };
        assert_eq!(read(&too_low).unwrap_err(), "greeter.proto:3:1: import 'common/name.proto' not found");
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_with_its_place() {
        let (_root, file) = app();
        fs::write(&file.path, "syntax = \"proto3\";\nmessage Hello {\n  string name = 1\n}\n").unwrap();
        let told = read(&file).unwrap_err();
        assert!(told.starts_with("greeter.proto:4:1: expected"), "{told}");
        let set = ProtoFile { form: ProtoForm::DescriptorSet, ..file.clone() };
        let told = read(&set).unwrap_err();
        assert!(told.contains("greeter.proto is no FileDescriptorSet: "), "{told}");
        fs::remove_file(&file.path).unwrap();
        for file in [file, set] {
            assert!(read(&file).unwrap_err().contains("greeter.proto"));
        }
    }
}
