"""A USB printer below pyusb: the library's real core over a backend of ours, with end points unlike the usual ones."""

from __future__ import annotations

import errno
from array import array
from types import SimpleNamespace
from typing import Any

import usb.backend
import usb.core

from tests.pasar.virtual_printer import VirtualPrinter

VENDOR, PRODUCT = 0x0416, 0x5011
OUT, IN = 0x03, 0x81


class UsbPrinter(VirtualPrinter, usb.backend.IBackend):
    """One device with a vendor's own interface first and the printer's interface second; `plugged` may change."""

    def __init__(self) -> None:
        super().__init__()
        self.address = f"usb:{VENDOR:04x}:{PRODUCT:04x}"
        self.plugged = True
        self.refuses = 0
        self._says = b""

    def enumerate_devices(self) -> list[object]:
        return [object()] if self.plugged else []

    def get_device_descriptor(self, dev: object) -> Any:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=VENDOR, idProduct=PRODUCT, bcdDevice=0x100, iManufacturer=0, iProduct=0,
            iSerialNumber=0, bNumConfigurations=1, address=2, bus=1, port_number=1, port_numbers=(1,), speed=2,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: object, config: int) -> Any:
        if config:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=2, bConfigurationValue=1, iConfiguration=0,
            bmAttributes=0xC0, bMaxPower=50, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev: object, intf: int, alt: int, config: int) -> Any:
        if intf > 1 or alt:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=intf, bAlternateSetting=0, bNumEndpoints=2 * intf,
            bInterfaceClass=7 if intf else 255, bInterfaceSubClass=1, bInterfaceProtocol=2, iInterface=0,
            extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(self, dev: object, ep: int, intf: int, alt: int, config: int) -> Any:
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=(IN, OUT)[ep], bmAttributes=2, wMaxPacketSize=64,
            bInterval=0, bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, dev: object) -> object:
        if self.refuses:
            raise usb.core.USBError("refused", -3, self.refuses)
        return dev

    def close_device(self, dev_handle: object) -> None: ...

    def set_configuration(self, dev_handle: object, config_value: int) -> None: ...

    def get_configuration(self, dev_handle: object) -> int:
        return 1

    def claim_interface(self, dev_handle: object, intf: int) -> None: ...

    def release_interface(self, dev_handle: object, intf: int) -> None: ...

    def reset_device(self, dev_handle: object) -> None: ...

    def bulk_write(self, dev_handle: object, ep: int, intf: int, data: array[int], timeout: int) -> int:
        assert (ep, intf) == (OUT, 1)
        assert timeout > 0, "a write without a limit waits for ever"
        if self.is_torn_off:
            raise usb.core.USBError("no such device", -4, errno.ENODEV)
        if not self.may_read():
            raise usb.core.USBTimeoutError("timeout", -7, errno.ETIMEDOUT)
        self._says += self.take(data.tobytes())
        return len(data)

    def bulk_read(self, dev_handle: object, ep: int, intf: int, buff: array[int], timeout: int) -> int:
        assert (ep, intf) == (IN, 1)
        said, self._says = self._says[: len(buff)], self._says[len(buff) :]
        if not said:
            raise usb.core.USBTimeoutError("timeout", -7, errno.ETIMEDOUT)
        buff[: len(said)] = array("B", said)
        return len(said)
