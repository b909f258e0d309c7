/** Uploads the license file that the user chose in an `<input type="file">`. */
export async function addLicense(deploy, input) {
  const form = new FormData();
  form.set("license_file", input.files[0]);
  await deploy.post("/licensing/licenses", form);
}
