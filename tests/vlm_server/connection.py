"""One TCP connection: HTTP/1.1 by h11, and the ways in which a response can go wrong."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

import h11

from tests.vlm_server.exchange import Delivery, HttpRequest, Response

READ_SIZE = 1 << 18

Respond = Callable[[HttpRequest], Awaitable[Response]]


async def serve_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, respond: Respond) -> None:
    """Answer requests until the client leaves or a response breaks the connection."""
    connection = h11.Connection(h11.SERVER)
    try:
        while (request := await _read_request(connection, reader)) is not None:
            response = await respond(request)
            if not await _send(connection, reader, writer, request, response) or connection.our_state is not h11.DONE:
                break
            connection.start_next_cycle()
    except (OSError, h11.RemoteProtocolError):
        return  # a client that was killed, or does not speak HTTP
    finally:
        writer.close()


async def _read_request(connection: h11.Connection, reader: asyncio.StreamReader) -> HttpRequest | None:
    """Read one whole request; return None if the client has left."""
    head: h11.Request | None = None
    chunks: list[bytes] = []
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(READ_SIZE))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            chunks.append(event.data)
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            path, _, query = head.target.decode("latin-1").partition("?")
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
            return HttpRequest(head.method.decode("latin-1"), path, query, headers, b"".join(chunks))
        else:
            return None


async def _send(
    connection: h11.Connection,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    request: HttpRequest,
    response: Response,
) -> bool:
    """Send a response in the way it should arrive; return whether the connection stays open."""
    if response.delivery is Delivery.RESET_BEFORE_BODY:
        return _reset(writer)
    headers = [("Content-Type", response.content_type), ("Content-Length", str(len(response.body))), *response.headers]
    head = connection.send(h11.Response(status_code=response.status, headers=headers))
    if response.delivery is Delivery.WHOLE:
        body = b"" if request.method == "HEAD" else response.body
        writer.write(b"".join((head or b"", connection.send(h11.Data(body)) or b"")))
        writer.write(connection.send(h11.EndOfMessage()) or b"")
        await writer.drain()
        return True
    writer.write((head or b"") + response.body[: len(response.body) // 2])
    await writer.drain()
    if response.delivery is Delivery.RESET_IN_BODY:
        await asyncio.sleep(0.05)  # else the reset overtakes the bytes that are still in the client's buffer
        return _reset(writer)
    if response.delivery is Delivery.STALLED:
        await reader.read()
    return False


def _reset(writer: asyncio.StreamWriter) -> bool:
    """Close by RST, as a crashed peer or a firewall does."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    return False
