"""What a recording holds and, one day, why the network said that: shown to the eye."""

from auricle.explain.picture import PictureConfig, write_picture

__all__ = ["PictureConfig", "write_picture"]
