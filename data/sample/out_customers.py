"""customer_delta: the customer master at the take-over and the rows that change every day."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data.sample import company, orders, tickets
from data.sample.base import DAY, Arr, Frame, join, rng, size, take, unit
from data.sample.customers import NEW
from data.sample.world import World
from data.sample.writing import Content, Feed, column, deliver_late, words

TAKEN_OVER = 20269 + 20  # late July 2025: nothing of the sample is older
SEGMENTS = ("HOME", "SMB", "BUS")
STATUSES = ("ACTIVE", "CLOSED", "PENDING")
SCHEMA = pa.schema(
    [
        ("customer_id", pa.int64()),
        ("segment", pa.string()),
        ("active_since", pa.date32()),
        ("status", pa.string()),
        ("address_id", pa.string()),
        ("area_code", pa.string()),
        ("products", pa.list_(pa.string())),
        ("reachable", pa.bool_()),
        ("no_contact", pa.bool_()),
        ("pays_on_time", pa.bool_()),
        ("deleted", pa.bool_()),
        ("changed_at", pa.timestamp("us", tz="UTC")),
    ]
)


def rows_of(world: World, f: Frame) -> pa.Table:
    """The master's rows for customers (g) with status, deleted flag and changed second."""
    base, g = world.customers, f["g"]
    area = np.where(f["moved"], (base.area(g) + 1) % len(world.places), base.area(g))
    ids = base.ids(g)
    since = np.where(g >= NEW, f["changed"] // DAY, base.since(g))
    main = base.product(g)
    second = np.where(unit(g, 111) < 0.35, (main + 1 + (unit(g, 112) * 6).astype(np.int64)) % 8, -1)
    count = 1 + (second >= 0)
    flat = np.zeros(int(count.sum()), dtype=np.int32)
    starts = np.concatenate([[0], np.cumsum(count)]).astype(np.int32)
    flat[starts[:-1]] = main
    flat[starts[1:][second >= 0] - 1] = second[second >= 0]
    products = pa.ListArray.from_arrays(column(starts), _words(flat, company.PRODUCTS))
    flip = unit(g * 1000 + f["changed"] // (90 * DAY), 113) < 0.03
    address = _addresses(ids, f["moved"])
    columns = [
        column(ids),
        _words(base.segment(g), SEGMENTS),
        column(since.astype(np.int32)).cast(pa.date32()),
        _words(f["status"], STATUSES),
        address,
        _words(area, [p.code for p in world.places]),
        products,
        column(base.reachable(g)),
        column(base.no_contact(g)),
        column(base.pays(g) ^ flip),
        column(f["deleted"]),
        column(f["changed"] * 1_000_000).cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _addresses(ids: Arr, moved: Arr) -> pa.Array:
    """AD (after a move AM) and ten figures, written figure by figure."""
    flat = np.empty((len(ids), 12), dtype=np.uint8)
    flat[:, 0] = ord("A")
    flat[:, 1] = np.where(moved, ord("M"), ord("D"))
    flat[:, 2:] = ids[:, None] // 10 ** np.arange(9, -1, -1) % 10 + ord("0")
    ends = np.arange(len(ids) + 1, dtype=np.int32) * 12
    return pa.Array.from_buffers(pa.string(), len(ids), [None, pa.py_buffer(ends), pa.py_buffer(flat)])


def _words(codes: Arr, pool: tuple[str, ...] | list[str]) -> pa.Array:
    return words(codes, pool).cast(pa.string())


def take_over(world: World, folder: Path, first: int) -> int:
    """All customers as they were handed over, half a million at a time."""
    path = folder / "customers_base.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name("." + path.name + ".part")
    with pq.ParquetWriter(part, SCHEMA, compression="zstd") as writer:
        for start in range(0, world.customers.size, 500_000):
            g = np.arange(start, min(start + 500_000, world.customers.size), dtype=np.int64)
            no = np.zeros(len(g), bool)
            f: Frame = {"g": g, "status": np.where(unit(g, 114) < 0.985, 0, 1), "deleted": no, "moved": no}
            f["changed"] = np.full(len(g), TAKEN_OVER * DAY)
            writer.write_table(rows_of(world, f))
    part.replace(path)
    return world.customers.size


def delta_rows(world: World, day: int) -> Frame:
    """Customers who changed on a day: some of everybody, new ones of the orders."""
    draw = rng(world.seed, "customers", day)
    n = int(78_000 * tickets.scale(world) * world.thin)
    g = draw.integers(0, world.customers.size, n)
    f: Frame = {"g": g, "status": np.where(unit(g, 114) < 0.985, 0, 1), "moved": unit(g, 115) < 0.003}
    f["deleted"] = unit(g, 116) < 0.002
    f["changed"] = day * DAY + draw.integers(0, DAY, n)
    o = orders.orders(world, day)
    new = take(o, (o["g"] >= NEW) & ~o["follows"])
    m = size(new)
    fresh: Frame = {
        "g": new["g"],
        "status": np.full(m, 2),
        "moved": np.zeros(m, bool),
        "deleted": np.zeros(m, bool),
        "changed": new["created"] + 30,
    }
    done = new["done"] >= 0
    live = take(fresh, done)
    live |= {"status": np.zeros(int(done.sum()), np.int64), "changed": new["done"][done] + 600}
    f = join([f, fresh, live])
    f["at"] = deliver_late(draw, f["changed"], 0.01, 3 * DAY)
    return f


def delta_content(world: World, rows: Frame, day: int) -> Content:
    return Content(table=rows_of(world, rows) if rows else SCHEMA.empty_table())


FEEDS = [Feed("customer_delta", "customers_{day}.parquet", delta_rows, delta_content, back=3, ahead=15, lag=1, named=1)]
