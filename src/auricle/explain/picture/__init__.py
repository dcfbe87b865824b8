"""Pictures of recordings."""

from auricle.explain.picture.settings import PANELS, PanelName, PictureConfig
from auricle.explain.picture.survey import Drawn
from auricle.explain.picture.write import write_picture

__all__ = ["Drawn", "PanelName", "PANELS", "PictureConfig", "write_picture"]
