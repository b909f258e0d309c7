// Where there are the DOM's types, options are of exactly these.

import { expectTypeOf } from "expect-type";
import type { ClientOptions, RequestHeaders } from "ontap-select-deploy";

expectTypeOf<RequestHeaders>().toEqualTypeOf<HeadersInit>();
expectTypeOf<NonNullable<ClientOptions["credentials"]>>().toEqualTypeOf<RequestCredentials>();
