from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class Permission(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PERMISSION_UNSPECIFIED: _ClassVar[Permission]
    PERMISSION_CATALOG_READ: _ClassVar[Permission]
    PERMISSION_QUERY: _ClassVar[Permission]
    PERMISSION_ROW_READ: _ClassVar[Permission]
    PERMISSION_ROW_INSERT: _ClassVar[Permission]
    PERMISSION_SNAPSHOT_DOWNLOAD: _ClassVar[Permission]
    PERMISSION_ROW_UPDATE: _ClassVar[Permission]
    PERMISSION_ROW_DELETE: _ClassVar[Permission]
    PERMISSION_EXECUTE: _ClassVar[Permission]
    PERMISSION_SNAPSHOT_MANAGE: _ClassVar[Permission]
    PERMISSION_DATABASE_RESTORE: _ClassVar[Permission]
    PERMISSION_STORED_QUERY: _ClassVar[Permission]
    PERMISSION_STORED_QUERY_WRITE: _ClassVar[Permission]
    PERMISSION_TABLE_CHANGE: _ClassVar[Permission]

class Idempotency(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IDEMPOTENCY_UNSPECIFIED: _ClassVar[Idempotency]
    IDEMPOTENCY_NO_SIDE_EFFECTS: _ClassVar[Idempotency]
    IDEMPOTENCY_NOT_IDEMPOTENT: _ClassVar[Idempotency]
    IDEMPOTENCY_WITH_REQUEST_ID: _ClassVar[Idempotency]
    IDEMPOTENCY_IDEMPOTENT: _ClassVar[Idempotency]
PERMISSION_UNSPECIFIED: Permission
PERMISSION_CATALOG_READ: Permission
PERMISSION_QUERY: Permission
PERMISSION_ROW_READ: Permission
PERMISSION_ROW_INSERT: Permission
PERMISSION_SNAPSHOT_DOWNLOAD: Permission
PERMISSION_ROW_UPDATE: Permission
PERMISSION_ROW_DELETE: Permission
PERMISSION_EXECUTE: Permission
PERMISSION_SNAPSHOT_MANAGE: Permission
PERMISSION_DATABASE_RESTORE: Permission
PERMISSION_STORED_QUERY: Permission
PERMISSION_STORED_QUERY_WRITE: Permission
PERMISSION_TABLE_CHANGE: Permission
IDEMPOTENCY_UNSPECIFIED: Idempotency
IDEMPOTENCY_NO_SIDE_EFFECTS: Idempotency
IDEMPOTENCY_NOT_IDEMPOTENT: Idempotency
IDEMPOTENCY_WITH_REQUEST_ID: Idempotency
IDEMPOTENCY_IDEMPOTENT: Idempotency
PERMISSION_FIELD_NUMBER: _ClassVar[int]
permission: _descriptor.FieldDescriptor
IDEMPOTENCY_FIELD_NUMBER: _ClassVar[int]
idempotency: _descriptor.FieldDescriptor
