"""Emulators that return the identifiers of tunnels that are not the run's."""

from __future__ import annotations

import random

from tunnelspec.emulator import Emulator, Params
from tunnelspec.emulator.store import Tunnel

from .accounts import KINDS, state

FOREIGN = 300
_ELSEWHERE = "arn:aws:iot:eu-central-1:123456789012:tunnel/"


class Hostile(Emulator):
    """OpenTunnel returns identifiers of other people's tunnels. A tenth of these are closed."""

    def set_up(self) -> None:
        super().set_up()
        self.opens = 0
        self.chance = random.Random(11)
        self.foreign: list[Tunnel] = []
        for number in range(FOREIGN):
            members = dict(KINDS[number % len(KINDS)])
            output = super().open_tunnel(self.validate("OpenTunnel", members))
            tunnel = self.find(output["tunnelId"])
            tunnel.created_at -= 3600
            if number % 10 == 0:
                self.store.close(tunnel)
            self.foreign.append(tunnel)
        self.before = state(self)

    def open_tunnel(self, params: Params) -> Params:
        """Open a tunnel and return what `returned` makes of it."""
        self.opens += 1
        output = super().open_tunnel(params)
        output["tunnelId"], output["tunnelArn"] = self.returned(output["tunnelId"], output["tunnelArn"])
        return output

    def returned(self, name: str, arn: str) -> tuple[str, str]:
        """The identifiers that OpenTunnel returns in place of these."""
        other = self.chance.choice(self.foreign)
        return other.id, other.arn

    @property
    def touched(self) -> int:
        """How many foreign tunnels are not as they were."""
        after = state(self)
        return sum(after.get(name) != known for name, known in self.before.items())


class Closed(Hostile):
    """Closed ones only."""

    def returned(self, name: str, arn: str) -> tuple[str, str]:
        """One that is closed."""
        other = self.chance.choice(self.foreign[::10])
        return other.id, other.arn


class OnceInThree(Hostile):
    """Every third time."""

    def returned(self, name: str, arn: str) -> tuple[str, str]:
        """A foreign one each third time."""
        return (name, arn) if self.opens % 3 else super().returned(name, arn)


class Later(Hostile):
    """After a while."""

    def returned(self, name: str, arn: str) -> tuple[str, str]:
        """A foreign one once twelve were opened."""
        return (name, arn) if self.opens <= 12 else super().returned(name, arn)


class OtherArn(Hostile):
    """The id of the new tunnel, the ARN of another one."""

    def returned(self, name: str, arn: str) -> tuple[str, str]:
        """Half of each."""
        return name, super().returned(name, arn)[1]


class OtherId(Hostile):
    """The ARN of the new tunnel, the id of another one."""

    def returned(self, name: str, arn: str) -> tuple[str, str]:
        """Half of each."""
        return super().returned(name, arn)[0], arn


class TwoOthers(Hostile):
    """Id and ARN of two other tunnels."""

    def returned(self, name: str, arn: str) -> tuple[str, str]:
        """Half of each."""
        return super().returned(name, arn)[0], super().returned(name, arn)[1]


class OtherRegion(Hostile):
    """Tunnels of another region, which no list shows."""

    def set_up(self) -> None:
        super().set_up()
        for tunnel in self.foreign:
            tunnel.arn = _ELSEWHERE + tunnel.id
        self.before = state(self)

    def listed(self, thing: str | None) -> list[Tunnel]:
        """Those of this region."""
        return [tunnel for tunnel in super().listed(thing) if not tunnel.arn.startswith(_ELSEWHERE)]

    def find_arn(self, arn: str) -> Tunnel:
        """Found in every region: this target checks nothing."""
        return self.find(arn.rsplit("/", 1)[-1])


class OtherCase(Hostile):
    """New identifiers that name, in this target, an existing tunnel: their id in the ARN of another account."""

    def returned(self, name: str, arn: str) -> tuple[str, str]:
        """An ARN of another account."""
        return name, super().returned(name, arn)[1].replace("123456789012", "999999999999")

    def find_arn(self, arn: str) -> Tunnel:
        """Found in every account: this target checks nothing."""
        return self.find(arn.rsplit("/", 1)[-1])
