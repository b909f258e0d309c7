// With the DOM's types, the options have exactly these types.

import { expectTypeOf } from "expect-type";
import type { ClientOptions, RequestHeaders } from "ontap-select-deploy";

expectTypeOf<RequestHeaders>().toEqualTypeOf<HeadersInit>();
expectTypeOf<NonNullable<ClientOptions["credentials"]>>().toEqualTypeOf<RequestCredentials>();
