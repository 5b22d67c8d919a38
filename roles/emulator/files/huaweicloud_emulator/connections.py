# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access to the connections of requests, for faults that cut them."""

from __future__ import annotations

import asyncio
import socket
import struct
import typing as t

from uvicorn.protocols.http.auto import AutoHTTPProtocol

Transports = t.Dict[t.Any, asyncio.Transport]


class Connections:
    """The open connections by client address."""

    def __init__(self) -> None:
        self._transports: Transports = {}

    def protocol(self) -> type[asyncio.Protocol]:
        """Return a subclass of the protocol of uvicorn that registers its connections."""
        transports = self._transports

        # uvicorn declares this class as a variable, which mypy accepts neither as a type nor as a base class.
        class Tracked(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
            def connection_made(self, transport: asyncio.Transport) -> None:
                self.emulator_peer = transport.get_extra_info("peername")[:2]
                transports[tuple(self.emulator_peer)] = transport
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                transports.pop(tuple(self.emulator_peer), None)
                super().connection_lost(exc)

        return Tracked

    def _get_transport(self, scope: t.Mapping[str, t.Any]) -> asyncio.Transport:
        transport = self._transports.get(tuple(scope["client"] or ()))
        if transport is None:
            # Without a server, the caller of the application gets the same exception as a client.
            raise ConnectionResetError("the emulator cut the connection")
        return transport

    def close(self, scope: t.Mapping[str, t.Any]) -> None:
        """Send the buffered data and close the connection."""
        self._get_transport(scope).close()

    def reset(self, scope: t.Mapping[str, t.Any]) -> None:
        """Reset the connection, so that the next read of the client fails."""
        transport = self._get_transport(scope)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
