from marketplace.notices.models.notice import Channel, Notice

__all__ = ["Channel", "Notice"]
