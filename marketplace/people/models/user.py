"""Somebody who signs in."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class UserAccounts(BaseUserManager["User"]):
    """Creates users by e-mail address."""

    def create_user(
        self, *, email: str, name: str, password: str | None = None, **fields: Any
    ) -> "User":
        """Create a user, with an unusable password where none is given."""
        user = self.model(email=email.lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, email: str, name: str, password: str | None = None, **fields: Any
    ) -> "User":
        """Create an administrator, for `manage.py createsuperuser`."""
        return self.create_user(
            email=email, name=name, password=password, is_staff=True, is_superuser=True, **fields
        )


class User(AbstractBaseUser, PermissionsMixin):
    """One human being's sign-in: a worker's, or a family member's."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    person = models.OneToOneField(
        "budgets.Person", models.PROTECT, null=True, blank=True, related_name="user"
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)
    sign_out_count = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[UserAccounts] = UserAccounts()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    PERSONAL = {
        "id": False,
        "password": False,
        "last_login": True,
        "is_superuser": False,
        "reference": False,
        "email": True,
        "name": True,
        "is_active": False,
        "is_staff": False,
        "date_joined": False,
        "sign_out_count": False,
        "person": True,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="people_user_email_any_case"),
        ]

    def __str__(self) -> str:
        return f"user {self.reference}"

    def get_full_name(self) -> str:
        """Return the name, as Wagtail and Django's admin ask for it."""
        return self.name

    def get_short_name(self) -> str:
        """Return the first word of the name."""
        return self.name.split(" ")[0]

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """Return what every session carries; it changes when somebody is signed out for good."""
        rounds = f":{self.sign_out_count}" if self.sign_out_count else ""
        return salted_hmac(
            "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash",
            f"{self.password}{rounds}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()
