"use client";

import * as deploy from "ontap-select-deploy";
import { useEffect } from "react";
import { follow } from "../../follow.mjs";

export default function Page() {
  useEffect(() => {
    follow(deploy, "/api").then((outcome) => {
      document.title = outcome;
    });
  }, []);
  return <main>under way</main>;
}
