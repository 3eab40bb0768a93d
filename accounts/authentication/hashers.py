"""Password hashing with parameters measured for two cores."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2Hasher(Argon2PasswordHasher):
    """argon2id, 64 MiB, three passes, four lanes: about 175 ms. Source: security.md §5.3."""

    time_cost = 3
    memory_cost = 65_536
    parallelism = 4


class QuickArgon2Hasher(Argon2PasswordHasher):
    """A light hash for passwords that are random by construction; the first sign-in replaces it by the full one."""

    time_cost = 1
    memory_cost = 1_024
    parallelism = 1
