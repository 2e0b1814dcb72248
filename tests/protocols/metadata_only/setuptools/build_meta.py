"""A build backend that builds nothing. pip wants the metadata of what it downloads; they are in the
distribution already, so no code of it has to run, and no build tool has to be there."""

import email
import pathlib
import shutil


class _Backend:
    @staticmethod
    def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
        metadata = email.message_from_bytes(pathlib.Path("PKG-INFO").read_bytes())
        folder = pathlib.Path(metadata_directory,
                              f"{metadata['Name']}-{metadata['Version']}.dist-info")
        folder.mkdir()
        shutil.copy("PKG-INFO", folder / "METADATA")
        return folder.name


__legacy__ = _Backend  # the name that pip calls where a distribution names no backend
