"""One class per operation: what a call must do, how its response is checked, how the state moves on."""

from __future__ import annotations

from tunnelspec.model.operation import OperationModel
from tunnelspec.model.operations.close_tunnel import CloseTunnel
from tunnelspec.model.operations.describe_tunnel import DescribeTunnel
from tunnelspec.model.operations.list_tags_for_resource import ListTagsForResource
from tunnelspec.model.operations.list_tunnels import ListTunnels
from tunnelspec.model.operations.open_tunnel import OpenTunnel
from tunnelspec.model.operations.rotate_tunnel_access_token import RotateTunnelAccessToken
from tunnelspec.model.operations.tag_resource import TagResource
from tunnelspec.model.operations.untag_resource import UntagResource

#: By name.
BY_NAME: dict[str, OperationModel] = {
    operation.name: operation
    for operation in (
        OpenTunnel(),
        DescribeTunnel(),
        CloseTunnel(),
        ListTunnels(),
        RotateTunnelAccessToken(),
        ListTagsForResource(),
        TagResource(),
        UntagResource(),
    )
}
