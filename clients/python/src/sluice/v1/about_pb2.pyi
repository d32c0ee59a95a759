from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class About(_message.Message):
    __slots__ = ("title", "description", "license", "license_url", "source", "source_url", "about", "about_url")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    LICENSE_FIELD_NUMBER: _ClassVar[int]
    LICENSE_URL_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_URL_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    ABOUT_URL_FIELD_NUMBER: _ClassVar[int]
    title: str
    description: str
    license: str
    license_url: str
    source: str
    source_url: str
    about: str
    about_url: str
    def __init__(self, title: _Optional[str] = ..., description: _Optional[str] = ..., license: _Optional[str] = ..., license_url: _Optional[str] = ..., source: _Optional[str] = ..., source_url: _Optional[str] = ..., about: _Optional[str] = ..., about_url: _Optional[str] = ...) -> None: ...
