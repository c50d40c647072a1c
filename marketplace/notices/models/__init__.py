from marketplace.notices.models.heartbeat import Heartbeat
from marketplace.notices.models.notice import Channel, Notice, NoticeQuerySet

__all__ = ["Channel", "Heartbeat", "Notice", "NoticeQuerySet"]
