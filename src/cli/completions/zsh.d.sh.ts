/** The script, with placeholders in capitals for the generated parts. */
declare const script: string;
export default script;
