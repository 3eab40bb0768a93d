"""Which files are accepted: PDF, JPEG and PNG, told by their first bytes."""

from accounts.documents.records import DocumentKind, NewFile
from accounts.kernel.errors import DomainError

MOST_BYTES = 20 * 1024 * 1024
MOST_FILES, MOST_BYTES_OF_A_PERSON = 50, 500 * 1024 * 1024
MADE_HERE = frozenset({DocumentKind.PLAN, DocumentKind.EMERGENCY_SHEET, DocumentKind.EXPORT})
"""The kinds of our own papers, which the limits of one person leave out."""
SUFFIXES = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
ARCHIVE = "application/zip"
"""What we make ourselves and never take in."""
FIRST_BYTES = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
}


class FileKindRefused(DomainError):
    """The content is none of the three kinds, or is not what it says it is."""

    code = "file-kind-refused"
    text = "Ce fichier n’est pas accepté. Choisissez un PDF, ou une photo en JPEG ou PNG."


class FileTooLarge(DomainError):
    """More than 20 MiB."""

    code = "file-too-large"
    text = "Ce fichier dépasse 20 Mo. Réduisez sa taille ou numérisez-le en plus petit."
    status = 413
    issue = "too-long"


class FileActive(DomainError):
    """A PDF that runs something, holds another file or is locked."""

    code = "file-active"
    text = "Ce PDF contient des éléments actifs ou protégés. Imprimez-le, puis numérisez-le avant de l’envoyer."


class FileTooLong(DomainError):
    """A PDF of more than 300 pages."""

    code = "file-too-long"
    text = "Ce PDF dépasse 300 pages. Envoyez seulement les pages utiles."


class ImageTooLarge(DomainError):
    """A photo of more than 40 million points."""

    code = "image-too-large"
    text = "Cette photo dépasse 40 millions de points. Réduisez sa taille, puis recommencez."


class NoRoomLeft(DomainError):
    """Fifty files, or 500 MiB, for one person."""

    code = "file-no-room"
    text = "Le dossier de cette personne a déjà reçu 50 fichiers ou 500 Mo : il n’en prend pas davantage. Réunissez les pages utiles, ou parlez-en à votre référent."
    status = 413
    issue = "too-long"


class UploadsLimited(DomainError):
    """Five files a minute from one account."""

    code = "uploads-limited"
    text = "Trop de fichiers envoyés en une minute. Attendez un instant, puis recommencez."
    status = 429
    issue = "throttled"
    retry_after = 60


class FileEmpty(DomainError):
    """Nothing inside."""

    code = "file-empty"
    text = "Ce fichier est vide. Choisissez-en un autre."


class FileInfected(DomainError):
    """The antivirus recognises something dangerous in what is handed in."""

    code = "file-infected"
    text = (
        "« {title} » n’a pas été gardé : l’antivirus y reconnaît un contenu dangereux. Vous n’y êtes sans doute pour rien. "
        "Prévenez votre service informatique ; puis photographiez ou numérisez à nouveau le document, si possible d’un autre appareil."
    )


class FileWithheld(DomainError):
    """The antivirus found something dangerous in a kept file: nobody opens it any more."""

    code = "file-withheld"
    text = (
        "Ce fichier a été mis à l’écart : l’antivirus y a reconnu, après son dépôt, un contenu dangereux. Personne ne peut plus l’ouvrir. "
        "Ce que l’équipe en a noté reste au dossier. Demandez l’original, puis déposez-en une nouvelle copie ou, si aucune page ne le permet, gardez-le dans le dossier papier."
    )
    status = 409
    issue = "suppressed"


def content_type_of(content: bytes) -> str:
    """Return the accepted content type that the first bytes tell; raises `FileKindRefused` for any other kind."""
    for content_type, start in FIRST_BYTES.items():
        if content.startswith(start):
            return content_type
    raise FileKindRefused


def check_file(file: NewFile) -> None:
    """Raise unless a file has the size and the first bytes of one that may be kept; `inspection` looks inside."""
    if not file.content:
        raise FileEmpty
    if file.made_here and file.content_type == ARCHIVE:
        return
    if len(file.content) > MOST_BYTES:
        raise FileTooLarge
    start = FIRST_BYTES.get(file.content_type)
    if start is None or not file.content.startswith(start):
        raise FileKindRefused


def check_room(size: int, *, files: int, held: int) -> None:
    """Raise `NoRoomLeft` when one more file would pass the limits of a person who has `files`, of `held` bytes."""
    if files >= MOST_FILES or held + size > MOST_BYTES_OF_A_PERSON:
        raise NoRoomLeft
