from marketplace.notices.models.heartbeat import Heartbeat
from marketplace.notices.models.notice import Channel, Notice, NoticeQuerySet
from marketplace.notices.models.watch import Watch

__all__ = ["Channel", "Heartbeat", "Notice", "NoticeQuerySet", "Watch"]
